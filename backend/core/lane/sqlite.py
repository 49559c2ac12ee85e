"""SQLite for the lane: reads on the event loop, waiting writes committed together.

A read takes some microseconds, less than handing it to a thread would. Writes wait for the disk,
so they run on the database's one writer thread; all that wait by then share one commit, and each
is answered when that commit is done.
"""

import asyncio
import sqlite3
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from backend.core.database import Database
from backend.core.engine import BUSY_TIMEOUT_SECONDS, SQLITE_PRAGMAS
from backend.core.errors import DatabaseUnavailable
from backend.core.lane.executor import Refused, Row, Statement, Values
from backend.core.lane.json_text import NEGATIVE_DECIMAL, negative_decimal
from backend.core.search import add_search

_MOST_IN_ONE_COMMIT = 100
_STATEMENTS_KEPT = 400
_READ_SECONDS = 0.05
"""The longest that a read may hold the event loop; then it goes on in the plain form."""
_STEPS_BETWEEN_LOOKS = 20_000

_FAULTS_OF_ONE = (
    sqlite3.IntegrityError,
    sqlite3.DataError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
    OverflowError,
    UnicodeError,
)
"""It clashes, or has a value that SQLite does not take: the other writes go on without it."""

_Result = list[Row] | Exception


@dataclass
class _Write:
    sql: str
    arguments: list[Any]
    answer: asyncio.Future[list[Row]]


class SQLiteExecutor:
    """One connection for reads and one for writes."""

    def __init__(self, database: Database) -> None:
        self.dialect = SQLiteDialect_pysqlite()
        self._database = database
        self._reader: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None
        self._read_until = 0.0
        self._waiting: deque[_Write] = deque()
        self._committing: asyncio.Task[None] | None = None

    async def fetch(self, statement: Statement, values: Values) -> Sequence[Row]:
        """See `Executor.fetch`."""
        arguments = statement.arguments(values)
        if statement.writes:
            return await self._written(statement.sql, arguments)
        try:
            if self._reader is None:
                self._reader = self._connect(_READ_SECONDS)
                self._reader.set_progress_handler(self._is_late, _STEPS_BETWEEN_LOOKS)
            self._read_until = time.monotonic() + _READ_SECONDS
            return self._reader.execute(statement.sql, arguments).fetchall()
        except sqlite3.Error:
            raise Refused from None

    async def close(self) -> None:
        """Finish the writes under way and close both connections."""
        if self._committing is not None:
            await self._committing
        for connection in (self._reader, self._writer):
            if connection is not None:
                connection.close()

    def _connect(self, timeout: float) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._database.engine.url.database or "",
            timeout=timeout,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=_STATEMENTS_KEPT,
        )
        for pragma in SQLITE_PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        connection.text_factory = bytes
        add_search(connection)
        connection.create_function(NEGATIVE_DECIMAL, 1, negative_decimal, deterministic=True)
        return connection

    def _is_late(self) -> bool:
        return time.monotonic() > self._read_until

    async def _written(self, sql: str, arguments: list[Any]) -> list[Row]:
        write = _Write(sql, arguments, asyncio.get_running_loop().create_future())
        self._waiting.append(write)
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit())
        return await write.answer

    async def _commit(self) -> None:
        """Carry out what waits, until nothing does."""
        try:
            while self._waiting:
                batch: list[_Write] = []
                carry_out = partial(self._carry_out, batch)
                try:
                    results = await self._database.run(carry_out, writing=True)
                except Exception as failure:  # noqa: BLE001 - whoever waits is to learn of it
                    batch = batch or list(self._waiting)
                    self._waiting.clear()
                    results = [failure] * len(batch)
                for write, result in zip(batch, results, strict=True):
                    if write.answer.done():
                        continue
                    if isinstance(result, Exception):
                        write.answer.set_exception(result)
                    else:
                        write.answer.set_result(result)
        finally:
            self._committing = None

    def _carry_out(self, batch: list[_Write]) -> list[_Result]:
        """Take the writes that wait by now into `batch`; commit them, and say what each gave."""
        while self._waiting and len(batch) < _MOST_IN_ONE_COMMIT:
            write = self._waiting.popleft()
            if not write.answer.done():
                batch.append(write)
        try:
            if self._writer is None:
                self._writer = self._connect(BUSY_TIMEOUT_SECONDS)
            return _transacted(self._writer, batch)
        except sqlite3.IntegrityError:
            # A check that waits for the commit: the plain form finds out whose it is.
            return [Refused() for _ in batch]
        except sqlite3.Error:
            # It may be in a transaction that it could not end.
            if self._writer is not None:
                self._writer.close()
                self._writer = None
            return [DatabaseUnavailable() for _ in batch]


def _transacted(connection: sqlite3.Connection, batch: list[_Write]) -> list[_Result]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        results = [_executed(connection, write) for write in batch]
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return results


def _executed(connection: sqlite3.Connection, write: _Write) -> _Result:
    """What one write gave. A statement that fails undoes itself and not the others."""
    try:
        return connection.execute(write.sql, write.arguments).fetchall()
    except _FAULTS_OF_ONE:
        return Refused()
