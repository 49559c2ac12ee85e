"""PostgreSQL for the lane: libpq through psycopg's wrapper, on the event loop.

A connection of psycopg's makes an object for each value of a row. Here the statements give text,
and the bytes that libpq has received go on as they are. `benchmarks/drivers.py` compares the ways.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import pq
from psycopg.pq.abc import PGresult
from sqlalchemy import URL
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Dialect

from backend.core.engine import POSTGRESQL_ARGUMENTS, POSTGRESQL_SETTINGS
from backend.core.errors import DatabaseUnavailable
from backend.core.lane.executor import Query, Refused, Row, Statement, Values
from backend.core.lane.pipeline import (
    STALE_PLAN,
    TIMED_OUT,
    UNKNOWN_OUTCOME,
    Arguments,
    Command,
    Pipeline,
)
from backend.core.lane.postgresql_text import writer_of

MOST_SECONDS = 20
"""A connection that has not answered for so long is given up."""

_LANE_SETTINGS = (
    "-c plan_cache_mode=force_generic_plan -c statement_timeout=1000 -c lock_timeout=250"
    " -c datestyle=ISO"
)
# A page's LIMIT is a parameter, and PostgreSQL would plan each page anew to see its value:
# 367 us of its CPU instead of 175. What is slow, or has to wait for a lock, goes on in the plain
# form, and holds nobody up who shares a connection.

_MOST_READS = 8
"""A connection with so many reads under way is sent no further ones."""
_MOST_TOGETHER = 8
"""Small statements that share a transaction."""
_ALONE_SECONDS = 1
"""How long a statement is sent alone after several could not be carried out together."""
_MOST_ATTEMPTS = 3


class PostgreSQLExecutor:
    """A few connections, each opened when all others are busy and then kept.

    When all are busy a read is sent behind other reads on one of them, which saves both sides
    work; a write has a connection for itself, since its commit waits for the disk. Whoever finds
    no place waits, and is served in the order of arrival. INSERTs that begin in one turn of the
    loop or wait for a place share it, and so a commit, and so do reads of one row; if one of them
    fails, each is sent again alone.
    """

    def __init__(self, url: URL, connections: int) -> None:
        self.dialect = _dialect()
        self._arguments: Mapping[str, Any] = {
            **self.dialect.create_connect_args(url)[1],
            **POSTGRESQL_ARGUMENTS,
            "options": f"{POSTGRESQL_SETTINGS} {_LANE_SETTINGS}",
            "client_encoding": "UTF8",
            "autocommit": True,
        }
        self._most = connections
        self._pipelines: list[Pipeline] = []
        self._idle: list[Pipeline] = []
        self._opening = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._joined: dict[bool, list[Command]] = {}  # by whether they write
        self._sending: set[asyncio.Task[None]] = set()
        self._sweeper: asyncio.TimerHandle | None = None
        self._is_closed = False

    def statement(self, query: Query, *, reads_one: bool = False) -> Statement:
        """See `Executor.statement`."""
        return Statement(query, self.dialect, writer_of, reads_one=reads_one)

    async def fetch(self, statement: Statement, values: Values) -> Sequence[Row]:
        """See `Executor.fetch`."""
        arguments: Arguments = statement.arguments(values)
        for _ in range(_MOST_ATTEMPTS):
            result = await self._result(statement, arguments)
            if result is None:
                # Sent to a connection that was lost: a read is harmless to send again.
                if statement.writes:
                    raise DatabaseUnavailable
                continue
            if result.status in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
                get, columns = result.get_value, range(result.nfields)
                return [[get(row, column) for column in columns] for row in range(result.ntuples)]
            state = result.error_field(pq.DiagnosticField.SQLSTATE) or b""
            if state in STALE_PLAN:
                continue
            if state[:2] in UNKNOWN_OUTCOME and state != TIMED_OUT:
                raise DatabaseUnavailable
            break
        raise Refused

    async def _result(self, statement: Statement, arguments: Arguments) -> PGresult | None:
        loop = asyncio.get_running_loop()
        command = Command(statement, arguments, loop.create_future())
        if statement.is_small:
            self._join(command, loop)
        elif self._idle and not self._waiting:
            self._idle.pop().send([command])
        else:
            (await self._place(writes=statement.writes)).send([command])
        try:
            return await command.answer
        except Refused:
            # One of those that it was sent together with has failed, or it has itself. Whoever
            # sends such requests one after another is not to slow down the others.
            statement.alone_until = max(statement.alone_until, loop.time() + _ALONE_SECONDS)
            alone = Command(statement, arguments, loop.create_future())
            (await self._place(writes=statement.writes)).send([alone])
            return await alone.answer

    def _join(self, command: Command, loop: asyncio.AbstractEventLoop) -> None:
        """Send a small statement with those that begin in this turn, or wait for a place."""
        writes = command.statement.writes
        if loop.time() < command.statement.alone_until:
            loop.call_soon(self._send_together, [command], writes)
            return
        joined = self._joined.get(writes)
        if joined is None or len(joined) >= _MOST_TOGETHER:
            joined = self._joined[writes] = []
            loop.call_soon(self._send_together, joined, writes)
        joined.append(command)

    def _send_together(self, commands: list[Command], writes: bool) -> None:
        """Carry statements out together now if there is a place, else when there is."""
        if self._idle and not self._waiting:
            self._part(commands, writes=writes)
            self._send_wanted(self._idle.pop(), commands)
            return
        sending = asyncio.create_task(self._send_in_turn(commands, writes=writes))
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)

    async def _send_in_turn(self, commands: list[Command], *, writes: bool) -> None:
        """Carry statements out together, with those that join them until it is their turn."""
        try:
            try:
                found = await self._found_in_turn(writes=writes)
            finally:
                # Whoever comes later need not wait for the opening of one.
                self._part(commands, writes=writes)
            pipeline = found or await self._opened()
        except Exception as failure:  # noqa: BLE001 - whoever waits is to learn of it
            for command in commands:
                if not command.answer.done():
                    command.answer.set_exception(failure)
            return
        self._send_wanted(pipeline, commands)

    def _part(self, commands: list[Command], *, writes: bool) -> None:
        """Let nobody join them any more."""
        if self._joined.get(writes) is commands:
            del self._joined[writes]

    def _send_wanted(self, pipeline: Pipeline, commands: list[Command]) -> None:
        wanted = [command for command in commands if not command.answer.done()]
        if wanted:
            pipeline.send(wanted)
        else:
            self.on_answer(pipeline)

    async def close(self) -> None:
        """Close all connections; those who wait are told so."""
        self._is_closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
        for pipeline in tuple(self._pipelines):
            pipeline.lose()

    def on_answer(self, pipeline: Pipeline) -> None:
        """See `PipelineListener.on_answer`."""
        if not pipeline.under_way:
            self._idle.append(pipeline)
        self._wake()

    def on_loss(self, pipeline: Pipeline) -> None:
        """See `PipelineListener.on_loss`."""
        self._pipelines.remove(pipeline)
        if pipeline in self._idle:
            self._idle.remove(pipeline)
        self._wake()

    async def _place(self, *, writes: bool) -> Pipeline:
        """A connection to send on now; one is opened if there may be one more."""
        return await self._found_in_turn(writes=writes) or await self._opened()

    async def _found_in_turn(self, *, writes: bool) -> Pipeline | None:
        """A connection to send on now; None if one is to be opened now."""
        found: Pipeline | bool | None = None
        if self._waiting or not (found := self._found(writes=writes) or self._has_room()):
            found = await self._turn(writes=writes)
        return found if isinstance(found, Pipeline) else None

    async def _turn(self, *, writes: bool) -> Pipeline | bool:
        """Wait until it is this one's turn, and there is a place for it."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting.append(turn)
        try:
            while True:
                await turn
                if found := self._found(writes=writes) or self._has_room():
                    return found
                self._waiting[0] = turn = loop.create_future()
        finally:
            self._waiting.remove(turn)
            self._wake()

    def _found(self, *, writes: bool) -> Pipeline | None:
        """An idle connection; for a read, if no more may be opened, the least busy with reads."""
        if self._idle:
            return self._idle.pop()
        if writes or self._has_room():
            return None
        found, fewest = None, _MOST_READS
        for pipeline in self._pipelines:
            if not pipeline.writes and pipeline.under_way < fewest:
                found, fewest = pipeline, pipeline.under_way
        return found

    def _has_room(self) -> bool:
        return len(self._pipelines) + self._opening < self._most

    def _wake(self) -> None:
        """Let the one who has waited longest look for a place."""
        if self._waiting and not self._waiting[0].done():
            self._waiting[0].set_result(None)

    async def _opened(self) -> Pipeline:
        self._require_open()
        self._opening += 1
        try:
            pipeline = Pipeline(self, await psycopg.AsyncConnection.connect(**self._arguments))
        except psycopg.Error:
            raise DatabaseUnavailable from None
        finally:
            self._opening -= 1
            self._wake()
        self._pipelines.append(pipeline)
        try:
            self._require_open()
        except DatabaseUnavailable:
            pipeline.lose()
            raise
        if self._sweeper is None:
            self._sweep()
        return pipeline

    def _require_open(self) -> None:
        if self._is_closed:
            raise DatabaseUnavailable

    def _sweep(self) -> None:
        """Give up the connections that were reset, or have been silent for too long."""
        loop = asyncio.get_running_loop()
        self._sweeper = loop.call_later(1, self._sweep)
        for pipeline in tuple(self._pipelines):
            if pipeline.under_way and loop.time() - pipeline.silent_since > MOST_SECONDS:
                pipeline.lose()
            else:
                # uvloop watches a socket no more that was reset, and tells nobody.
                pipeline.read()


def _dialect() -> Dialect:
    """SQLAlchemy's dialect with the parameters that libpq knows: `$1`."""
    return PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # theirs
