"""A connection to PostgreSQL in libpq's pipeline mode, on the event loop.

Statements can be sent while earlier ones are under way; the answers come in that command. What is
sent together ends with a synchronisation point: it is one transaction, committed there, and its
failure touches nothing that was sent before or after it.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import psycopg
from psycopg import pq
from psycopg.pq.abc import PGresult

from backend.core.errors import DatabaseUnavailable
from backend.core.lane.executor import Refused, Statement

STALE_PLAN = frozenset({b"0A000", b"26000"})
"""SQLSTATEs of a prepared statement that is gone, or whose tables have changed."""
UNKNOWN_OUTCOME = frozenset({b"08", b"57", b"58", b"XX"})
"""Classes of SQLSTATE after which nobody knows what was committed; `TIMED_OUT` is none."""
TIMED_OUT = b"57014"
_MOST_PREPARED = 400
_LONG_SECONDS = 0.1
"""Reads that were sent together and took longer are each sent alone for `_LONG_ALONE_SECONDS`."""
_LONG_ALONE_SECONDS = 60
_SUCCESS = frozenset({pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK})

Arguments = list[bytes | None]
Answer = asyncio.Future[PGresult | None]


class PipelineListener(Protocol):
    """Who is told what becomes of a connection."""

    def on_answer(self, pipeline: "Pipeline") -> None:
        """One statement less is under way."""

    def on_loss(self, pipeline: "Pipeline") -> None:
        """The connection is closed, and was not before."""


@dataclass(slots=True)
class Command:
    """A statement to be carried out.

    Attributes:
        answer: gets the result: of success or the error; or None if the connection is lost.
    """

    statement: Statement
    arguments: Arguments
    answer: Answer


@dataclass(slots=True)
class _Transaction:
    """What was sent together.

    Attributes:
        awaited: results that have not come: the name of what is prepared, or None for a command.
        results: of the commands, as far as they have come.
        error: the first one.
    """

    commands: Sequence[Command]
    awaited: deque[bytes | None] = field(default_factory=deque)
    results: list[PGresult] = field(default_factory=list)
    error: PGresult | None = None


class Pipeline:
    """One connection and the transactions that are under way on it.

    Attributes:
        writes: whether they write.
        lost: whether the connection is closed.
        silent_since: from when the eldest of them is waited for, by the loop's clock.
    """

    def __init__(
        self, listener: PipelineListener, connection: psycopg.AsyncConnection[Any]
    ) -> None:
        self.writes = False
        self.lost = False
        self.silent_since = 0.0
        self._listener = listener
        self._connection = connection
        self._pg = connection.pgconn
        self._pg.nonblocking = 1
        self._pg.enter_pipeline_mode()
        self._socket = self._pg.socket
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self.read)
        self._under_way: deque[_Transaction] = deque()
        self._commands = 0
        self._prepared: set[bytes] = set()

    @property
    def under_way(self) -> int:
        """How many commands are."""
        return self._commands

    def send(self, commands: Sequence[Command]) -> None:
        """Carry commands out in one transaction; of several, all are refused if one fails."""
        transaction = _Transaction(commands)
        if not self._under_way:
            self.silent_since = self._loop.time()
            self.writes = commands[0].statement.writes
        self._under_way.append(transaction)
        self._commands += len(commands)
        try:
            for command in commands:
                self._prepare(command.statement, transaction)
                self._pg.send_query_prepared(command.statement.name, command.arguments)
                transaction.awaited.append(None)
            self._pg.pipeline_sync()
            if self._pg.flush():
                self._loop.add_writer(self._socket, self._write)
        except psycopg.OperationalError:
            self.lose()
        except BaseException:
            self.lose()
            raise

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
        self._commands = 0
        self._listener.on_loss(self)
        for transaction in under_way:
            for command in transaction.commands:
                if not command.answer.done():
                    command.answer.set_result(None)

    def _prepare(self, statement: Statement, transaction: _Transaction) -> None:
        """Prepare the statement if that is still to be done."""
        name = statement.name
        if name in self._prepared:
            return
        if len(self._prepared) >= _MOST_PREPARED:
            self._prepared.clear()
            self._pg.send_query_params(b"DEALLOCATE ALL", [])
            transaction.awaited.append(b"")
        self._pg.send_prepare(name, statement.bytes)
        transaction.awaited.append(name)
        self._prepared.add(name)

    def _take(self, result: PGresult) -> None:
        transaction = self._under_way[0]
        if result.status == pq.ExecStatus.PIPELINE_SYNC:
            self._finish(transaction)
            return
        if result.status not in _SUCCESS:
            transaction.error = transaction.error or result
        # What comes after the last's result is about the commit.
        if transaction.awaited:
            prepared = transaction.awaited.popleft()
            if prepared is None:
                transaction.results.append(result)
            elif result.status not in _SUCCESS:
                self._prepared.discard(prepared)

    def _finish(self, transaction: _Transaction) -> None:
        self._under_way.popleft()
        self._commands -= len(transaction.commands)
        now = self._loop.time()
        error = transaction.error
        state = b"" if error is None else error.error_field(pq.DiagnosticField.SQLSTATE) or b""
        are_several = len(transaction.commands) > 1
        writes = transaction.commands[0].statement.writes
        is_unknown = writes and state[:2] in UNKNOWN_OUTCOME and state != TIMED_OUT
        if are_several and not writes and now - self.silent_since > _LONG_SECONDS:
            # One of them is not as small as was thought, and the others have waited for it.
            for command in transaction.commands:
                command.statement.alone_until = now + _LONG_ALONE_SECONDS
        for command, result in zip(transaction.commands, transaction.results, strict=True):
            if command.answer.done():
                continue
            if error is not None and are_several:
                command.answer.set_exception(DatabaseUnavailable() if is_unknown else Refused())
            else:
                command.answer.set_result(error or result)
        if self._under_way:
            self.silent_since = now
        else:
            self.writes = False
        if state in STALE_PLAN:
            self.lose()
        else:
            self._listener.on_answer(self)

    def _write(self) -> None:
        try:
            if not self._pg.flush():
                self._loop.remove_writer(self._socket)
        except psycopg.OperationalError:
            self.lose()
