"""The executor of a database."""

from backend.core.database import Database
from backend.core.lane.executor import Executor
from backend.core.lane.postgresql import PostgreSQLExecutor
from backend.core.lane.sqlite import SQLiteExecutor
from backend.core.settings import Settings


def new_executor(database: Database, settings: Settings) -> Executor:
    """What carries the lane's statements out on this database."""
    if database.engine.dialect.name == "sqlite":
        return SQLiteExecutor(database)
    return PostgreSQLExecutor(database.engine.url, settings.database_pool_size)
