"""PostgreSQL for the lane: libpq through psycopg's wrapper, on the event loop.

A connection of psycopg's makes an object for each value of a row. Here the statements give text,
and the bytes that libpq has received go on as they are. `benchmarks/drivers.py` compares the ways.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import NoneType
from typing import Any
from uuid import UUID

import psycopg
from psycopg import pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq.abc import PGresult
from sqlalchemy import URL
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Dialect

from backend.core.engine import CONNECT_SECONDS, POSTGRESQL_SETTINGS
from backend.core.errors import DatabaseUnavailable
from backend.core.lane.executor import Refused, Row, Statement, Values

MOST_SECONDS = 20
"""A connection that has not answered for so long is given up."""

_LANE_SETTINGS = "-c plan_cache_mode=force_generic_plan"
# A page's LIMIT is a parameter, and PostgreSQL would plan each page anew to see its value:
# 367 us of its CPU instead of 175.

_STALE_PLAN = frozenset({b"0A000", b"26000"})
_UNKNOWN_OUTCOME = frozenset({b"08", b"57", b"58", b"XX"})
_MOST_PREPARED = 400


class PostgreSQLExecutor:
    """A few connections, each opened when all others are busy and then kept."""

    def __init__(self, url: URL, connections: int) -> None:
        self.dialect = _dialect()
        self._arguments: Mapping[str, Any] = self.dialect.create_connect_args(url)[1]
        self._most = connections
        self._open: set[_Connection] = set()
        self._opening = 0
        self._free: list[_Connection] = []
        self._waiting: deque[asyncio.Future[_Connection | None]] = deque()
        self._sweeper: asyncio.TimerHandle | None = None

    async def fetch(self, statement: Statement, values: Values) -> Sequence[Row]:
        """See `Executor.fetch`."""
        arguments = _as_text(statement.arguments(values))
        for _ in range(2):
            connection = await self._acquired()
            state = b""
            try:
                result = await connection.run(statement, arguments)
                if result is not None:
                    state = result.error_field(pq.DiagnosticField.SQLSTATE) or b""
                if state in _STALE_PLAN:
                    connection.lose()
            finally:
                # A task that is cancelled leaves a busy connection, which then frees itself.
                if connection.busy_since is None and not connection.lost:
                    self.release(connection)
            if result is None:
                # Sent to a connection that was lost: a read is harmless to send again.
                if statement.writes:
                    raise DatabaseUnavailable
                continue
            if result.status in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
                get, columns = result.get_value, range(result.nfields)
                return [[get(row, column) for column in columns] for row in range(result.ntuples)]
            if state not in _STALE_PLAN:
                if state[:2] in _UNKNOWN_OUTCOME:
                    raise DatabaseUnavailable
                raise Refused
        raise Refused

    async def close(self) -> None:
        """Close all connections."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        for connection in tuple(self._open):
            connection.lose()

    async def _acquired(self) -> "_Connection":
        while True:
            if self._free:
                return self._free.pop()
            if len(self._open) + self._opening < self._most:
                return await self._opened()
            waiter: asyncio.Future[_Connection | None] = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            try:
                connection = await waiter
            except asyncio.CancelledError:
                self._return(waiter)
                raise
            if connection is not None and not connection.lost:
                return connection

    def _return(self, waiter: "asyncio.Future[_Connection | None]") -> None:
        """Give on what a waiter was given in the same moment in which it was cancelled."""
        if waiter.cancelled():
            return
        connection = waiter.result()
        if connection is None or connection.lost:
            self._wake()
        else:
            self.release(connection)

    async def _opened(self) -> "_Connection":
        self._opening += 1
        try:
            made = await psycopg.AsyncConnection.connect(
                **self._arguments,
                options=f"{POSTGRESQL_SETTINGS} {_LANE_SETTINGS}",
                connect_timeout=CONNECT_SECONDS,
                autocommit=True,
            )
        except asyncio.CancelledError:
            self._wake()
            raise
        except psycopg.Error:
            self._wake()
            raise DatabaseUnavailable from None
        finally:
            self._opening -= 1
        connection = _Connection(self, made)
        self._open.add(connection)
        if self._sweeper is None:
            self._sweep()
        return connection

    def release(self, connection: "_Connection") -> None:
        """Give a connection to who waits for one, or keep it."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        self._free.append(connection)

    def forget(self, connection: "_Connection") -> None:
        """A connection is lost: somebody who waits may open another."""
        self._open.discard(connection)
        if connection in self._free:
            self._free.remove(connection)
        self._wake()

    def _wake(self) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    def _sweep(self) -> None:
        """Give up the connections that were reset, or have been silent for too long."""
        loop = asyncio.get_running_loop()
        for connection in tuple(self._open):
            since = connection.busy_since
            if since is not None and loop.time() - since > MOST_SECONDS:
                connection.lose()
            elif since is not None:
                # uvloop watches a socket no more that was reset, and tells nobody.
                connection.read()
        self._sweeper = loop.call_later(1, self._sweep)


class _Connection:
    """One connection, with at most one statement under way.

    Attributes:
        busy_since: when the statement under way was sent, by the loop's clock; else None.
    """

    def __init__(self, pool: PostgreSQLExecutor, connection: psycopg.AsyncConnection[Any]) -> None:
        self._pool = pool
        self._connection = connection
        self._pg = connection.pgconn
        self._pg.nonblocking = 1
        self._loop = asyncio.get_running_loop()
        self._prepared: set[bytes] = set()
        self._waiter: asyncio.Future[PGresult | None] | None = None
        self._result: PGresult | None = None
        self.busy_since: float | None = None
        self._socket = self._pg.socket
        self._loop.add_reader(self._socket, self.read)

    async def run(self, statement: Statement, arguments: list[bytes | None]) -> PGresult | None:
        """The statement's result; None if the connection is lost."""
        name = statement.name
        if name not in self._prepared:
            if len(self._prepared) >= _MOST_PREPARED:
                self._prepared.clear()
                await self._answer(lambda: self._pg.send_query(b"DEALLOCATE ALL"))
            # Before the answer: a task that is cancelled meanwhile leaves it prepared.
            self._prepared.add(name)
            result = await self._answer(lambda: self._pg.send_prepare(name, statement.bytes))
            if result is None or result.status != pq.ExecStatus.COMMAND_OK:
                self._prepared.discard(name)
                return result
        return await self._answer(lambda: self._pg.send_query_prepared(name, arguments))

    def lose(self) -> None:
        """Close the connection; who waits for its answer gets none."""
        if self._socket < 0:
            return
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._socket = -1
        self._pg.finish()
        self._pool.forget(self)
        waiter, self._waiter, self.busy_since = self._waiter, None, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    @property
    def lost(self) -> bool:
        """Whether it is closed."""
        return self._socket < 0

    async def _answer(self, send: Callable[[], None]) -> PGresult | None:
        if self._socket < 0:
            return None
        self._waiter = self._loop.create_future()
        self.busy_since = self._loop.time()
        try:
            send()
            if self._pg.flush():
                self._loop.add_writer(self._socket, self._write)
        except psycopg.OperationalError:
            self.lose()
            return None
        return await self._waiter

    def _write(self) -> None:
        try:
            if not self._pg.flush():
                self._loop.remove_writer(self._socket)
        except psycopg.OperationalError:
            self.lose()

    def read(self) -> None:
        """Take what has arrived; give the connection up if it is broken."""
        pg = self._pg
        try:
            pg.consume_input()
            while not pg.is_busy():
                result = pg.get_result()
                if result is None:
                    self._done()
                    return
                self._result = result
        except psycopg.OperationalError:
            self.lose()

    def _done(self) -> None:
        """Give the answer to who waits for it; if nobody does any more, be free again."""
        waiter, self._waiter = self._waiter, None
        if waiter is None:
            return
        self.busy_since = None
        if waiter.done():
            self._pool.release(self)
        else:
            waiter.set_result(self._result)


def _dialect() -> Dialect:
    """SQLAlchemy's dialect with the parameters that libpq knows: `$1`."""
    return PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # theirs


def _as_text(values: list[Any]) -> list[bytes | None]:
    """The values as PostgreSQL reads them."""
    return [_WRITERS.get(type(value), _written_by_psycopg)(value) for value in values]


def _written_by_psycopg(value: Any) -> bytes | None:
    (written,) = _TRANSFORMER.dump_sequence([value], [PyFormat.TEXT])
    return None if written is None else bytes(written)


_TRANSFORMER = Transformer()
_WRITERS: Mapping[type[Any], Callable[[Any], bytes | None]] = {
    UUID: lambda value: b"%032x" % value.int,
    str: str.encode,
    int: lambda value: b"%d" % value,
    Decimal: lambda value: str(value).encode(),
    datetime: lambda value: value.isoformat().encode(),
    NoneType: lambda _: None,
}
"""The types that nearly all values have, written without psycopg's search for a dumper."""
