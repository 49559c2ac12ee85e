"""Which revisions the code knows and which the database is at."""

from functools import cache

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from backend.core.engine import make_engine
from backend.core.migrations.commands import alembic_config
from backend.core.settings import PROJECT_ROOT


@cache
def script_heads() -> frozenset[str]:
    """The newest revisions of this installation; read once, since they change with the code."""
    return frozenset(ScriptDirectory.from_config(alembic_config(PROJECT_ROOT)).get_heads())


def database_heads(connection: Connection) -> frozenset[str]:
    """The revisions that the database is at; none if it was never migrated."""
    if not inspect(connection).has_table("alembic_version"):
        return frozenset()
    rows = connection.execute(text("SELECT version_num FROM alembic_version"))
    return frozenset(version for (version,) in rows)


def current(url: str) -> frozenset[str]:
    """The revisions that the database at an address is at.

    Raises:
        SettingsError: the address cannot be used.
    """
    engine = make_engine(url, pool_size=1)
    try:
        with engine.connect() as connection:
            return database_heads(connection)
    finally:
        engine.dispose()
