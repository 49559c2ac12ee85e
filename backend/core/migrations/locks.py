"""One migration of a database at a time, whoever starts it."""

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection

from backend.core.migrations.errors import AnotherMigrationRuns, MigrationError

# Eight bytes that only we would choose: an advisory lock is a number, for the whole database.
_KEY = int.from_bytes(b"jedgebot", "big")
_POLL_SECONDS = (0.05, 0.15)


@contextmanager
def sqlite_lock(database: Path, seconds: float) -> Iterator[None]:
    """Hold the lock of a SQLite database; the system frees it when the process dies.

    It is SQLite's own lock on an empty file beside the database, so it works wherever SQLite
    does. The file stays: to delete it would let two processes hold two locks of one name.

    Raises:
        AnotherMigrationRuns: another process held it for all of `seconds`.
        MigrationError: the file cannot be made.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    path = database.with_name(f"{database.name}.migration-lock")
    with ExitStack() as stack:
        try:
            lock = sqlite3.connect(path, timeout=seconds, isolation_level=None)
            stack.enter_context(closing(lock)).execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise _waited(seconds) from None
            raise MigrationError(f"The lock file {path} cannot be used: {error}.") from None
        yield


@contextmanager
def postgresql_lock(connection: Connection, seconds: float) -> Iterator[None]:
    """Hold an advisory lock of the connection's database, across its transactions.

    It is asked for again and again instead of waited for: a waiting statement is a transaction
    that CREATE INDEX CONCURRENTLY, run by who holds the lock, would wait for in turn.

    Raises:
        AnotherMigrationRuns: another connection held it for all of `seconds`.
    """
    deadline = time.monotonic() + seconds
    # In its caller's transaction a migration is not done before that transaction is.
    shared = connection.in_transaction()
    function = "pg_try_advisory_xact_lock" if shared else "pg_try_advisory_lock"
    while not _call(connection, function, commit=not shared):
        if time.monotonic() > deadline:
            raise _waited(seconds)
        time.sleep(random.uniform(*_POLL_SECONDS))  # noqa: S311 - no secret
    try:
        yield
    finally:
        if not shared:
            connection.rollback()
            # A lost connection has lost its lock too, and its error is on its way already.
            if not connection.invalidated:
                _call(connection, "pg_advisory_unlock", commit=True)


def _call(connection: Connection, function: str, *, commit: bool) -> bool:
    answer: bool = connection.exec_driver_sql(f"SELECT {function}({_KEY})").scalar_one()
    if commit:
        connection.commit()
    return answer


def _waited(seconds: float) -> AnotherMigrationRuns:
    return AnotherMigrationRuns(
        f"Another process has been migrating this database for {seconds:g} seconds. "
        "Wait for it, or look for one that hangs."
    )
