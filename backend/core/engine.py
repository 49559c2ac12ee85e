"""Engines, for the application and for the migrations, which do without a web framework."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from backend.core.search import add_search
from backend.core.settings import SettingsError

if TYPE_CHECKING:
    # With PostgreSQL no worker needs it, and it takes 1 MiB of each.
    from sqlite3 import Connection as SQLiteConnection

CONNECT_SECONDS = 5
POSTGRESQL_SETTINGS = "-c statement_timeout=15000 -c lock_timeout=5000 -c timezone=UTC"
"""Of every connection to PostgreSQL; times in milliseconds."""
SQLITE_PRAGMAS = ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL")
"""Of every connection to SQLite."""
BUSY_TIMEOUT_SECONDS = 10
POSTGRESQL_ARGUMENTS = {
    "connect_timeout": CONNECT_SECONDS,
    # Without these a thread waits for a quarter of an hour for a host that is gone.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}


def make_engine(
    url: str, pool_size: int = 5, *, setting: str = "JEDGEBOT_DATABASE_URL", overflow: int = 0
) -> Engine:
    """Make an engine with everything that correct use of the database asks for.

    Args:
        url: of the database.
        pool_size: connections that are kept.
        setting: where the URL is from, for errors.
        overflow: further connections that may be open at one time; -1 for any number.

    Raises:
        SettingsError: the URL cannot be read, names another kind of database, or a SQLite file
            that is not there and cannot be made.
    """
    hint = "Use sqlite:///path/to/file.db or postgresql+psycopg://user:password@host/database."
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SettingsError(f"{setting} is not a database URL.", hint) from None
    options = {
        "pool_size": pool_size,
        "max_overflow": overflow,
        "pool_timeout": 10,
        # Errors are logged, and parameters may be secrets.
        "hide_parameters": True,
    }
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        if parsed.database in (None, "", ":memory:"):
            raise SettingsError(f"{setting} names no SQLite file.", hint)
        _make_private_file(Path(parsed.database), setting)
        engine = create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_SECONDS}, **options)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if parsed.drivername == "postgresql+psycopg":
        return create_engine(
            parsed,
            pool_pre_ping=True,
            connect_args={"options": POSTGRESQL_SETTINGS, **POSTGRESQL_ARGUMENTS},
            **options,
        )
    raise SettingsError(f"{setting} names the driver {parsed.drivername!r}.", hint)


def _make_private_file(path: Path, setting: str) -> None:
    """Make an empty file that only its owner can read, unless there is one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        if path.exists():
            return
        raise _cannot_be_made(setting, "one of its directories is a file") from None
    except OSError as error:
        raise _cannot_be_made(setting, error.strerror or "no reason is given") from None


def _cannot_be_made(setting: str, reason: str) -> SettingsError:
    return SettingsError(
        f"{setting} names a SQLite file that cannot be made: {reason}.",
        "Make its directory writable, or name another file.",
    )


def _prepare_sqlite(connection: "SQLiteConnection", _record: ConnectionPoolEntry) -> None:
    # Python's own BEGIN comes too late for reads and for DDL; _begin_sqlite sends ours.
    connection.isolation_level = None
    for pragma in SQLITE_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    add_search(connection)


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")
