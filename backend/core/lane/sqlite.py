"""SQLite for the lane: statements on the event loop, waiting writes committed together.

A statement takes some microseconds, less than handing it to a thread would. A thread that runs
statements lets the interpreter's lock go at each, and beside a busy event loop waits for it again
for up to 5 milliseconds each time. So a thread only waits: for the lock of another writer, and for
the disk. All writes that wait by then share one commit, and each is answered when that is done.
"""

import asyncio
import sqlite3
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import inf
from typing import Any

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

from backend.core.database import Database
from backend.core.engine import BUSY_TIMEOUT_SECONDS, SQLITE_PRAGMAS
from backend.core.errors import DatabaseUnavailable
from backend.core.lane.executor import Query, Refused, Row, Statement, Values, Writer
from backend.core.lane.json_text import NEGATIVE_DECIMAL, negative_decimal
from backend.core.search import add_search

_MOST_IN_ONE_COMMIT = 100
_STATEMENTS_KEPT = 400
_SECONDS_ON_THE_LOOP = 0.05
"""The longest that a statement may hold the event loop; then it goes on in the plain form."""
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


class _Connection(sqlite3.Connection):
    """A connection whose statements hold the event loop for a limited time."""

    def __init__(self, database: str, timeout: float) -> None:
        super().__init__(
            database,
            timeout,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=_STATEMENTS_KEPT,
        )
        self._until = inf
        for pragma in SQLITE_PRAGMAS:
            self.execute(f"PRAGMA {pragma}")
        self.text_factory = bytes
        add_search(self)
        self.create_function(NEGATIVE_DECIMAL, 1, negative_decimal, deterministic=True)
        self.set_progress_handler(self._is_late, _STEPS_BETWEEN_LOOKS)

    def rows(self, sql: str, arguments: list[Any]) -> list[Row]:
        """The rows of a statement."""
        self._until = time.monotonic() + _SECONDS_ON_THE_LOOP
        try:
            return self.execute(sql, arguments).fetchall()
        finally:
            self._until = inf

    def begin(self, seconds: float) -> None:
        """Begin a transaction that writes; another one is waited for, for some seconds."""
        self.execute(f"PRAGMA busy_timeout={int(seconds * 1000)}")
        self.execute("BEGIN IMMEDIATE")

    def _is_late(self) -> bool:
        return time.monotonic() > self._until


class SQLiteExecutor:
    """One connection for reads and one for writes.

    The one for writes belongs to the loop only while it is idle and nothing waits for the thread.
    """

    def __init__(self, database: Database) -> None:
        self.dialect = SQLiteDialect_pysqlite()
        self._database = database
        self._reader: _Connection | None = None
        self._writer: _Connection | None = None
        self._is_idle = False
        self._waiting: deque[_Write] = deque()
        self._committing: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "lane")

    def statement(self, query: Query, *, reads_one: bool = False) -> Statement:
        """See `Executor.statement`."""
        return Statement(query, self.dialect, _writer_of, reads_one=reads_one)

    async def fetch(self, statement: Statement, values: Values) -> Sequence[Row]:
        """See `Executor.fetch`."""
        arguments = statement.arguments(values)
        if statement.writes:
            return await self._written(statement.sql, arguments)
        try:
            if self._reader is None:
                self._reader = _Connection(self._path, _SECONDS_ON_THE_LOOP)
            return self._reader.rows(statement.sql, arguments)
        except sqlite3.Error:
            raise Refused from None

    async def close(self) -> None:
        """Finish the writes under way and close both connections."""
        if self._committing is not None:
            await self._committing
        self._thread.shutdown()
        for connection in (self._reader, self._writer):
            if connection is not None:
                connection.close()

    @property
    def _path(self) -> str:
        return self._database.engine.url.database or ""

    async def _written(self, sql: str, arguments: list[Any]) -> list[Row]:
        write = _Write(sql, arguments, asyncio.get_running_loop().create_future())
        self._waiting.append(write)
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit())
        return await write.answer

    async def _commit(self) -> None:
        """Carry out what waits, until nothing does."""
        batch: list[_Write] = []
        try:
            while self._waiting:
                batch = []
                try:
                    async with self._database.turn_to_write():
                        results = await self._carry_out(batch)
                except Exception as failure:  # noqa: BLE001 - whoever waits is to learn of it
                    batch = batch or self._all_waiting()
                    results = [failure] * len(batch)
                _answer(batch, results)
        except asyncio.CancelledError:
            batch += self._all_waiting()
            _answer(batch, [DatabaseUnavailable()] * len(batch))
            raise
        finally:
            self._committing = None

    async def _carry_out(self, batch: list[_Write]) -> list[_Result]:
        """Take the writes that wait by now into `batch`; commit them, and say what each gave."""
        loop = asyncio.get_running_loop()
        try:
            writer = self._begun()
            if writer is None:
                writer = await loop.run_in_executor(self._thread, self._begin)
            results = self._executed(writer, batch)
            await loop.run_in_executor(self._thread, writer.execute, "COMMIT")
        except BaseException as error:
            # Behind what the thread still does, which goes on where this task is cancelled.
            dropped = self._thread.submit(self._drop_writer)
            if not isinstance(error, sqlite3.Error):
                raise
            await asyncio.shield(asyncio.wrap_future(dropped))
            if not batch:
                batch += self._all_waiting()
            # A check that waits for the commit, or a write that takes long and has undone all:
            # the plain form finds out whose it is.
            is_of_one = isinstance(error, sqlite3.IntegrityError) or _is_interruption(error)
            return [Refused() if is_of_one else DatabaseUnavailable() for _ in batch]
        self._is_idle = True
        return results

    def _begun(self) -> _Connection | None:
        """The connection, in a transaction that writes; None if that has to be waited for."""
        if self._writer is None or not self._is_idle:
            return None
        self._is_idle = False
        try:
            self._writer.begin(0)
        except sqlite3.OperationalError:
            return None
        return self._writer

    def _begin(self) -> _Connection:
        """Begin as soon as other processes let us; a thread can wait for that."""
        if self._writer is None:
            self._writer = _Connection(self._path, BUSY_TIMEOUT_SECONDS)
        self._writer.begin(BUSY_TIMEOUT_SECONDS)
        return self._writer

    def _drop_writer(self) -> None:
        """Close the connection, which undoes what is not committed."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def _executed(self, writer: _Connection, batch: list[_Write]) -> list[_Result]:
        """Take who waits and has not gone into `batch`, and say what each write gave.

        A statement that fails undoes itself and not the others. When those so far have taken
        long, the rest is left to the next commit, and the loop serves others meanwhile.
        """
        results: list[_Result] = []
        until = time.monotonic() + _SECONDS_ON_THE_LOOP
        while self._waiting and len(batch) < _MOST_IN_ONE_COMMIT:
            write = self._waiting.popleft()
            if write.answer.done():
                continue
            batch.append(write)
            try:
                results.append(writer.rows(write.sql, write.arguments))
            except _FAULTS_OF_ONE:
                results.append(Refused())
            if time.monotonic() > until:
                break
        return results

    def _all_waiting(self) -> list[_Write]:
        waiting = list(self._waiting)
        self._waiting.clear()
        return waiting


def _writer_of(kind: TypeEngine[Any], dialect: Dialect) -> Writer | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _answer(batch: list[_Write], results: Sequence[_Result]) -> None:
    """Answer those who have not gone."""
    for write, result in zip(batch, results, strict=True):
        if write.answer.done():
            continue
        if isinstance(result, Exception):
            write.answer.set_exception(result)
        else:
            write.answer.set_result(result)


def _is_interruption(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT
