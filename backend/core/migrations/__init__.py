"""Schema migrations: Alembic, with what it leaves to its user on SQLite and PostgreSQL.

`alembic` on the command line and these functions run the same `alembic/env.py`.
"""

from backend.core.migrations.commands import alembic_config, downgrade, upgrade
from backend.core.migrations.errors import MigrationError

__all__ = [
    "MigrationError",
    "alembic_config",
    "downgrade",
    "upgrade",
]
