"""Parameters that the statements of every module share.

A statement of `queries.py` stands at module level and is built once; whose rows it reads, and
which of them, comes with each execution under these names.
"""

from sqlalchemy import Uuid, bindparam

OWNER = bindparam("owner_id", type_=Uuid())
"""The user whose rows are read or written: `select(Fill).where(Fill.user_id == OWNER)`."""

ROW = bindparam("row_id", type_=Uuid())
"""The id of the one row that is meant."""

SESSION = bindparam("session_id", type_=Uuid())
"""The login session that a request belongs to."""
