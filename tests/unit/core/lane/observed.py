"""A PostgreSQL database and a lane to it, both seen from beside."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from sqlalchemy import Text, bindparam, cast, func, insert, make_url, select

from backend.core.lane.postgresql import PostgreSQLExecutor
from tests.unit.core.lane.executing import NOTES, Lane, Query, create_notes

PROCESS = select(cast(func.pg_backend_pid(), Text))
SLOW_READ = select(cast(func.pg_sleep(bindparam("seconds")), Text))
# What a sequence has given stays given, so it tells how often the write was begun.
SLOW_WRITE = (
    insert(NOTES)
    .from_select(["id", "text"], select(func.nextval("begun"), cast(func.pg_sleep(0.5), Text)))
    .returning(cast(NOTES.c.id, Text))
)
OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


class Server:
    """A database, seen from a connection of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        create_notes(url)
        plain = make_url(url).set(drivername="postgresql")
        self._connection = psycopg.connect(
            plain.render_as_string(hide_password=False), autocommit=True
        )
        self.value("CREATE SEQUENCE begun")

    def value(self, statement: str) -> Any:
        """The one value that a statement gives; None if it gives no rows."""
        cursor = self._connection.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
        return None if row is None else row[0]

    def connections(self) -> int:
        """How many other connections there are."""
        found: int = self.value(f"SELECT count(*) {OTHERS}")
        return found

    def busy(self) -> int:
        """How many other connections carry something out."""
        found: int = self.value(f"SELECT count(*) {OTHERS} AND state = 'active'")
        return found

    def terminate_others(self) -> None:
        """End all other connections."""
        self.value(f"SELECT count(pg_terminate_backend(pid)) {OTHERS}")

    def close(self) -> None:
        """Close this connection."""
        self._connection.close()


@asynccontextmanager
async def lane_to(
    url: str, connections: int, port: int | None = None, *, reading_one: Iterable[Query] = ()
) -> AsyncIterator[Lane]:
    """A lane of so many connections; `reading_one` are reads that find one row by its key."""
    executor = PostgreSQLExecutor(make_url(url).set(port=port or make_url(url).port), connections)
    try:
        yield Lane(executor, reading_one=reading_one)
    finally:
        await executor.close()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - no event tells what the database does
            await asyncio.sleep(0.01)
