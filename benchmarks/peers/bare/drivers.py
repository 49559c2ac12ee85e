"""Times calls of asyncpg and psycopg 3 in several modes; prints one JSON object.

Run by `benchmarks/drivers.py`, which starts the server and fills the table.
"""

import asyncio
import json
import os
import random
import sys
import time
from collections import deque
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from uuid import UUID, uuid4

import asyncpg
import psycopg
import uvloop
from psycopg import pq

CONNECTIONS = 8
CALLERS = 32

COLUMNS = (
    "id, symbol, side, quantity, price, executed_at, external_ref, created_at, updated_at, version"
)
AS_TEXT = COLUMNS.replace("quantity, price", "quantity::text, price::text")
WHERE = "f.user_id = $1 AND f.id = $2"
NEWEST = "f.user_id = $1 ORDER BY f.executed_at DESC, f.id DESC LIMIT 51"
INSERT = (
    f"INSERT INTO fills (user_id, {COLUMNS}) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING"
)
STATEMENTS = {
    "one": f"SELECT {COLUMNS} FROM fills f WHERE {WHERE}",
    "one as JSON": "SELECT row_to_json(r)::text "
    f"FROM (SELECT {AS_TEXT} FROM fills f WHERE {WHERE}) r",
    "page": f"SELECT {COLUMNS} FROM fills f WHERE {NEWEST}",
    "page as JSON rows": "SELECT row_to_json(r)::text "
    f"FROM (SELECT {AS_TEXT} FROM fills f WHERE {NEWEST}) r",
    "page as one JSON": "SELECT coalesce(json_agg(r), '[]')::text "
    f"FROM (SELECT {AS_TEXT} FROM fills f WHERE {NEWEST}) r",
    "insert": f"{INSERT} {COLUMNS}",
    "insert as JSON": f"WITH r AS ({INSERT} {AS_TEXT}) SELECT row_to_json(r)::text FROM r",
}


class Pool:
    """Connections without any reset: whoever comes when none is free waits in order."""

    def __init__(self, connections):
        self._free = deque(connections)
        self._waiting = deque()

    async def take(self):
        if self._free:
            return self._free.popleft()
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        return await waiter

    def give(self, connection):
        if self._waiting:
            self._waiting.popleft().set_result(connection)
        else:
            self._free.append(connection)


class Arguments:
    """Random arguments for each statement, as values of Python."""

    def __init__(self, keys):
        self._keys = keys
        self._chance = random.Random(time.time_ns())  # noqa: S311 - picks rows, keeps no secret
        self._run = uuid4().hex[:8]
        self._numbers = count()

    def __call__(self, name):
        user_id, fill_id = self._chance.choice(self._keys)
        if name.startswith("one"):
            return user_id, fill_id
        if name.startswith("page"):
            return (user_id,)
        now = datetime.now(UTC)
        reference = f"bench-{self._run}-{next(self._numbers)}"
        quantity, price = Decimal("12.50000000"), Decimal("187.12340000")
        return user_id, uuid4(), "AAPL", "buy", quantity, price, now, reference, now, now, 1


class UnresetConnection(asyncpg.Connection):
    """A connection that its pool gives on as it is."""

    async def reset(self, *, timeout=None):  # noqa: ASYNC109 - asyncpg's signature
        pass


class AsyncpgPool:
    """asyncpg's own pool, with `reset` doing nothing."""

    async def open(self, url):
        self._pool = await asyncpg.create_pool(
            url, min_size=CONNECTIONS, max_size=CONNECTIONS, connection_class=UnresetConnection
        )

    async def run(self, name, arguments):
        async with self._pool.acquire() as connection:
            return await connection.fetch(STATEMENTS[name], *arguments)

    async def close(self):
        await self._pool.close()


class AsyncpgBare:
    """asyncpg with prepared statements kept by hand and the pool of this file."""

    async def open(self, url):
        self._connections = [await asyncpg.connect(url) for _ in range(CONNECTIONS)]
        prepared = [
            {name: await connection.prepare(sql) for name, sql in STATEMENTS.items()}
            for connection in self._connections
        ]
        self._pool = Pool(prepared)

    async def run(self, name, arguments):
        statements = await self._pool.take()
        try:
            return await statements[name].fetch(*arguments)
        finally:
            self._pool.give(statements)

    async def close(self):
        for connection in self._connections:
            await connection.close()


class PsycopgCursors:
    """psycopg's async connections and cursors, in binary where `binary`."""

    def __init__(self, binary):
        self._binary = binary

    async def open(self, url):
        connections = [
            await psycopg.AsyncConnection.connect(url, autocommit=True, prepare_threshold=0)
            for _ in range(CONNECTIONS)
        ]
        self._connections = connections
        self._pool = Pool(psycopg.AsyncRawCursor(connection) for connection in connections)

    async def run(self, name, arguments):
        cursor = await self._pool.take()
        try:
            await cursor.execute(STATEMENTS[name], arguments, binary=self._binary)
            return await cursor.fetchall()
        finally:
            self._pool.give(cursor)

    async def close(self):
        for connection in self._connections:
            await connection.close()


class RawConnection:
    """libpq through psycopg's wrapper: bytes in, bytes out, one callback when they are there."""

    def __init__(self, connection):
        self._connection = connection
        self._pg = connection.pgconn
        for name, sql in STATEMENTS.items():
            prepared = self._pg.prepare(name.encode(), sql.encode())
            if prepared.status != pq.ExecStatus.COMMAND_OK:
                raise RuntimeError(prepared.error_message.decode())
        self._pg.nonblocking = 1
        self._waiter = None
        self._result = None
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._pg.socket, self._readable)

    async def run(self, name, arguments):
        self._waiter = waiter = self._loop.create_future()
        self._pg.send_query_prepared(name, arguments)
        if self._pg.flush():
            raise RuntimeError("the statement did not fit into the socket's buffer")
        return await waiter

    def _readable(self):
        pg = self._pg
        pg.consume_input()
        while not pg.is_busy():
            result = pg.get_result()
            if result is None:
                waiter, self._waiter = self._waiter, None
                if waiter is not None:
                    waiter.set_result(self._result)
                return
            self._result = result

    async def close(self):
        self._loop.remove_reader(self._pg.socket)
        await self._connection.close()


class PipelinedConnection(RawConnection):
    """The same in pipeline mode: further statements are sent before the answers are there."""

    def __init__(self, connection):
        super().__init__(connection)
        self._pg.enter_pipeline_mode()
        self._waiters = deque()

    async def run(self, name, arguments):
        waiter = self._loop.create_future()
        self._waiters.append(waiter)
        self._pg.send_query_prepared(name, arguments)
        self._pg.pipeline_sync()
        return await waiter

    def _readable(self):
        pg = self._pg
        pg.consume_input()
        while self._waiters and not pg.is_busy():
            result = pg.get_result()
            if result is None:
                continue
            if result.status == pq.ExecStatus.PIPELINE_SYNC:
                self._waiters.popleft().set_result(self._result)
            else:
                self._result = result


class PsycopgRaw:
    """Raw connections: each has one statement at a time, or with `pipelined` many."""

    def __init__(self, pipelined=0):
        self._pipelined = pipelined

    async def open(self, url):
        kind = PipelinedConnection if self._pipelined else RawConnection
        number = self._pipelined or CONNECTIONS
        self._connections = [
            kind(await psycopg.AsyncConnection.connect(url, autocommit=True)) for _ in range(number)
        ]
        self._pool = Pool(self._connections)
        self._next = count()

    async def run(self, name, arguments):
        given = [str(argument).encode() for argument in arguments]
        if self._pipelined:
            connection = self._connections[next(self._next) % self._pipelined]
            result = await connection.run(name.encode(), given)
        else:
            connection = await self._pool.take()
            try:
                result = await connection.run(name.encode(), given)
            finally:
                self._pool.give(connection)
        if result.status != pq.ExecStatus.TUPLES_OK:
            raise RuntimeError(result.error_message.decode())
        return [
            [result.get_value(row, column) for column in range(result.nfields)]
            for row in range(result.ntuples)
        ]

    async def close(self):
        for connection in self._connections:
            await connection.close()


MODES = {
    "asyncpg, its pool, no reset": AsyncpgPool,
    "asyncpg, prepared by hand": AsyncpgBare,
    "psycopg cursor, text": lambda: PsycopgCursors(binary=False),
    "psycopg cursor, binary": lambda: PsycopgCursors(binary=True),
    "psycopg libpq, undecoded": PsycopgRaw,
    "psycopg libpq, 2 pipelines": lambda: PsycopgRaw(pipelined=2),
    "psycopg libpq, 8 pipelines": lambda: PsycopgRaw(pipelined=8),
}


def server_seconds(process_ids):
    """CPU seconds that these processes have used."""
    ticks = 0
    for process_id in process_ids:
        try:
            with open(f"/proc/{process_id}/stat") as stat:  # noqa: PTH123 - many times a second
                ticks += sum(map(int, stat.read().rpartition(")")[2].split()[11:13]))
        except FileNotFoundError:
            pass
    return ticks / os.sysconf("SC_CLK_TCK")


def children_of(parent):
    with open(f"/proc/{parent}/task/{parent}/children") as children:  # noqa: PTH123 - as above
        return [int(child) for child in children.read().split()]


async def measure(mode, name, arguments, seconds, postmaster):
    """CPU microseconds of a call here and in the server, and latencies in milliseconds."""
    until = time.perf_counter() + seconds
    latencies = []

    async def caller():
        while (started := time.perf_counter()) < until:
            await mode.run(name, arguments(name))
            latencies.append(time.perf_counter() - started)

    servers = children_of(postmaster)
    server, here = server_seconds(servers), time.process_time()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    here, server = time.process_time() - here, server_seconds(servers) - server
    latencies.sort()
    calls = len(latencies)
    return {
        "client_us": here / calls * 1e6,
        "server_us": server / calls * 1e6,
        "calls_per_second": calls / seconds,
        "p50_ms": latencies[calls // 2] * 1e3,
        "p99_ms": latencies[calls * 99 // 100] * 1e3,
    }


async def alone(mode, name, arguments):
    """The median latency in microseconds of 300 calls, one after another."""
    latencies = []
    for _ in range(300):
        given = arguments(name)
        started = time.perf_counter()
        await mode.run(name, given)
        latencies.append(time.perf_counter() - started)
    return sorted(latencies)[150] * 1e6


async def main():
    order = json.load(sys.stdin)
    keys = [(UUID(user_id), UUID(fill_id)) for user_id, fill_id in order["keys"]]
    arguments = Arguments(keys)
    modes = {label: make() for label, make in MODES.items()}
    for mode in modes.values():
        await mode.open(order["url"])
        for name in STATEMENTS:
            for _ in range(20):
                await mode.run(name, arguments(name))
    found = []
    for number in range(order["rounds"]):
        labels = list(modes)[:: -1 if number % 2 else 1]
        for name in STATEMENTS:
            for label in labels:
                figures = await measure(
                    modes[label], name, arguments, order["seconds"], order["postmaster"]
                )
                figures["alone_us"] = await alone(modes[label], name, arguments)
                found.append({"mode": label, "statement": name, "round": number, **figures})
    for mode in modes.values():
        await mode.close()
    versions = {"asyncpg": asyncpg.__version__, "psycopg": psycopg.__version__}
    json.dump({"versions": {**versions, "libpq": pq.version()}, "found": found}, sys.stdout)


uvloop.run(main())
