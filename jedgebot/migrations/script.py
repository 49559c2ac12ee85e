"""The statements of revisions, written out instead of carried out."""

import io
from pathlib import Path

from alembic import command

from backend.core.migrations import alembic_config
from backend.core.settings import MAIN_DATABASE

# Nothing is opened at these addresses.
_ADDRESSES = {"SQLite": "sqlite:///no-such-file.db", "PostgreSQL": "postgresql+psycopg://"}


def offline_sql(root: Path, down: str, up: str, database: str = MAIN_DATABASE) -> dict[str, str]:
    """What `alembic upgrade DOWN:UP --sql` writes, for each kind of database.

    Args:
        root: of the project that has the revisions.
        down: the revision that the database is at; "base" if there is none.
        up: the one that it is brought to.
        database: the name of the database that they are for.
    """
    found = {}
    for name, url in _ADDRESSES.items():
        config = alembic_config(root, url, database)
        config.output_buffer = io.StringIO()
        command.upgrade(config, f"{down}:{up}", sql=True)
        found[name] = config.output_buffer.getvalue().strip()
    return found
