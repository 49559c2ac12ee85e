"""A connection to PostgreSQL in libpq's pipeline mode, on the event loop.

A statement can be sent while earlier ones are under way, and the answers come in that order. Each
statement is followed by a synchronisation point, so it is a transaction of its own, and one that
fails takes no other with it.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg
from psycopg import pq
from psycopg.pq.abc import PGresult

from backend.core.lane.executor import Statement

_MOST_PREPARED = 400
_SUCCESS = frozenset({pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK})

Arguments = list[bytes | None]


class Owner(Protocol):
    """Who is told what becomes of a connection."""

    def on_answer(self, pipeline: "Pipeline") -> None:
        """One statement less is under way."""

    def on_loss(self, pipeline: "Pipeline") -> None:
        """The connection is closed, and was not before."""


@dataclass(slots=True)
class _UnderWay:
    """A statement that was sent.

    Attributes:
        prepares: the name under which it was prepared along with it.
        result: what has come so far: the first error, or else the last result.
    """

    answer: "asyncio.Future[PGresult | None]"
    prepares: bytes | None
    result: PGresult | None = None


class Pipeline:
    """One connection and the statements that are under way on it.

    Attributes:
        writes: whether one of them writes.
        lost: whether the connection is closed.
        silent_since: from when the eldest of them is waited for, by the loop's clock.
    """

    def __init__(self, owner: Owner, connection: psycopg.AsyncConnection[Any]) -> None:
        self.writes = False
        self.lost = False
        self.silent_since = 0.0
        self._owner = owner
        self._connection = connection
        self._pg = connection.pgconn
        self._pg.nonblocking = 1
        self._pg.enter_pipeline_mode()
        self._socket = self._pg.socket
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self.read)
        self._under_way: deque[_UnderWay] = deque()
        self._prepared: set[bytes] = set()

    @property
    def under_way(self) -> int:
        """How many statements are."""
        return len(self._under_way)

    def send(self, statement: Statement, arguments: Arguments) -> "asyncio.Future[PGresult | None]":
        """Send a statement; its result comes later, or None if the connection is lost."""
        answer: asyncio.Future[PGresult | None] = self._loop.create_future()
        if not self._under_way:
            self.silent_since = self._loop.time()
            self.writes = statement.writes
        try:
            prepares = self._prepare(statement)
            self._pg.send_query_prepared(statement.name, arguments)
            self._pg.pipeline_sync()
            self._under_way.append(_UnderWay(answer, prepares))
            if self._pg.flush():
                self._loop.add_writer(self._socket, self._write)
        except psycopg.OperationalError:
            self.lose()
            if not answer.done():
                answer.set_result(None)
        return answer

    def read(self) -> None:
        """Take what has arrived; give the connection up if it is broken."""
        pg = self._pg
        try:
            pg.consume_input()
            while self._under_way and not pg.is_busy():
                result = pg.get_result()
                if result is not None:
                    self._take(result)
                elif pg.status != pq.ConnStatus.OK:
                    self.lose()
        except psycopg.OperationalError:
            self.lose()

    def lose(self) -> None:
        """Close the connection; those who wait for an answer get none."""
        if self.lost:
            return
        self.lost = True
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._pg.finish()
        under_way, self._under_way = self._under_way, deque()
        self._owner.on_loss(self)
        for one in under_way:
            if not one.answer.done():
                one.answer.set_result(None)

    def _prepare(self, statement: Statement) -> bytes | None:
        """Prepare the statement if that is still to be done; return the name in this case."""
        name = statement.name
        if name in self._prepared:
            return None
        if len(self._prepared) >= _MOST_PREPARED:
            self._prepared.clear()
            self._pg.send_query_params(b"DEALLOCATE ALL", [])
        self._pg.send_prepare(name, statement.bytes)
        self._prepared.add(name)
        return name

    def _take(self, result: PGresult) -> None:
        eldest = self._under_way[0]
        if result.status != pq.ExecStatus.PIPELINE_SYNC:
            if eldest.result is None or eldest.result.status in _SUCCESS:
                eldest.result = result
            return
        self._under_way.popleft()
        if eldest.prepares and eldest.result is not None and eldest.result.status not in _SUCCESS:
            self._prepared.discard(eldest.prepares)
        if not eldest.answer.done():
            eldest.answer.set_result(eldest.result)
        if self._under_way:
            self.silent_since = self._loop.time()
        else:
            self.writes = False
        self._owner.on_answer(self)

    def _write(self) -> None:
        try:
            if not self._pg.flush():
                self._loop.remove_writer(self._socket)
        except psycopg.OperationalError:
            self.lose()
