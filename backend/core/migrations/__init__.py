"""Schema migrations: Alembic, with what it leaves to its user on SQLite and PostgreSQL.

`alembic` on the command line and these functions run the same `alembic/env.py`.
"""

from backend.core.migrations.commands import alembic_config, downgrade, upgrade
from backend.core.migrations.errors import MigrationError
from backend.core.migrations.heads import current, database_heads, script_heads

__all__ = [
    "MigrationError",
    "alembic_config",
    "current",
    "database_heads",
    "downgrade",
    "script_heads",
    "upgrade",
]
