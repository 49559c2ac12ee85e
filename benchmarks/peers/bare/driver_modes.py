"""The ways to send a statement with asyncpg and with psycopg 3."""

import asyncio
from collections import deque
from itertools import count

import asyncpg
import psycopg
from psycopg import pq

CONNECTIONS = 8

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
