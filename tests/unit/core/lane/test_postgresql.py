"""The lane's connections to PostgreSQL, when the server, the network or the client fails."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Text, bindparam, cast, func, insert, make_url, select, text

from backend.core.errors import DatabaseUnavailable
from backend.core.lane import pipeline as lane_pipeline
from backend.core.lane import postgresql as lane_postgresql
from backend.core.lane.executor import Refused
from backend.core.lane.postgresql import PostgreSQLExecutor
from tests.postgresql import PostgreSQL, free_port
from tests.unit.core.lane.executing import NOTES, READ, Lane, create_notes, run
from tests.unit.core.lane.proxy import Proxy

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


@pytest.fixture
def server(postgresql: PostgreSQL) -> Iterator[Server]:
    name = f"lane_{time.monotonic_ns()}"
    server = Server(postgresql.create_database(name))
    yield server
    server.close()
    postgresql.drop_database(name)


@asynccontextmanager
async def lane_to(url: str, connections: int, port: int | None = None) -> AsyncIterator[Lane]:
    executor = PostgreSQLExecutor(make_url(url).set(port=port or make_url(url).port), connections)
    try:
        yield Lane(executor)
    finally:
        await executor.close()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - no event tells what the database does
            await asyncio.sleep(0.01)


class TestConnections:
    """How many there are, and what they are like."""

    def test_waiting_requests_share_a_few(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 2) as lane:
                tasks = [lane.value(SLOW_READ, seconds=0.002) for _ in range(100)]
                assert await asyncio.gather(*tasks) == [b""] * 100
                assert server.connections() == 2
            await until(lambda: server.connections() == 0)

        run(work())

    def test_one_is_enough_for_one_after_another(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 8) as lane:
                processes = {await lane.value(PROCESS) for _ in range(10)}
                assert len(processes) == 1

        run(work())

    def test_they_have_the_settings_of_every_connection(self, server: Server) -> None:
        async def work() -> list[bytes | None]:
            async with lane_to(server.url, 1) as lane:
                names = ("statement_timeout", "lock_timeout", "TimeZone")
                return [await lane.value(select(func.current_setting(name))) for name in names]

        assert run(work()) == [b"15s", b"5s", b"UTC"]

    def test_a_refused_statement_leaves_its_connection_in_use(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 1) as lane:
                process = await lane.value(PROCESS)
                await lane.add(1)
                with pytest.raises(Refused):
                    await lane.add(1)
                assert await lane.value(PROCESS) == process

        run(work())

    def test_an_unreachable_server_is_unavailable(self) -> None:
        async def work() -> None:
            async with lane_to(f"postgresql://x@127.0.0.1:{free_port()}/x", 1) as lane:
                with pytest.raises(DatabaseUnavailable):
                    await lane.fetch(PROCESS)

        run(work())

    def test_of_a_server_that_hangs_up_all_who_wait_are_told(self) -> None:
        async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(0.05)
            writer.close()

        async def work() -> None:
            server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            async with server, lane_to(f"postgresql://x@127.0.0.1:{port}/x", 1) as lane:
                tasks = [lane.fetch(PROCESS) for _ in range(4)]
                errors = await asyncio.gather(*tasks, return_exceptions=True)
                assert [type(error) for error in errors] == [DatabaseUnavailable] * 4

        run(work())


class TestLostConnections:
    """The server has closed them, or does not answer."""

    def test_an_idle_one_is_replaced_before_a_write(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 1) as lane:
                await lane.add(1)
                server.terminate_others()
                await until(lambda: server.connections() == 0)
                await asyncio.sleep(0.05)
                await lane.add(2)
                assert await lane.count() == 2

        run(work())

    def test_a_read_is_sent_again(self, server: Server) -> None:
        """Nothing has yet told the lane that the connection is gone."""

        async def work() -> None:
            async with lane_to(server.url, 1) as lane:
                await lane.add(1)
                server.terminate_others()
                assert await lane.read(1) == b"text"

        run(work())

    def test_a_read_under_way_is_sent_again(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 1) as lane:
                read = asyncio.create_task(lane.value(SLOW_READ, seconds=0.5))
                await until(lambda: server.busy() == 1)
                server.terminate_others()
                assert await read == b""

        run(work())

    def test_a_write_under_way_is_unavailable_and_not_sent_again(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 2) as lane:
                write = asyncio.create_task(lane.value(SLOW_WRITE))
                await until(lambda: server.busy() == 1)
                server.terminate_others()
                with pytest.raises(DatabaseUnavailable):
                    await write
                assert await lane.count() == 0
                assert server.value("SELECT last_value FROM begun") == 1

        run(work())

    def test_those_who_wait_get_others(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 2) as lane:
                reads = [asyncio.create_task(lane.value(SLOW_READ, seconds=0.3)) for _ in range(6)]
                await until(lambda: server.busy() == 2)
                server.terminate_others()
                assert await asyncio.gather(*reads) == [b""] * 6

        run(work())

    def test_a_restarted_server_is_used_again(self, tmp_path: Path) -> None:
        async def work(server: Server) -> None:
            async with lane_to(server.url, 4) as lane:
                await asyncio.gather(*(lane.add(number) for number in range(8)))
                # PostgreSQL restarts all of itself when one of its processes is killed.
                os.kill(int(await lane.value(PROCESS) or b""), signal.SIGKILL)
                answers: list[int | BaseException] = []
                while answers != [8] * 8:
                    counts = (lane.count() for _ in range(8))
                    answers = await asyncio.gather(*counts, return_exceptions=True)
                    kinds = {type(answer) for answer in answers}
                    assert kinds <= {int, DatabaseUnavailable, Refused}
                    await asyncio.sleep(0.1)
                await lane.add(8)

        with (
            PostgreSQL.start(tmp_path) as postgresql,
            closing(Server(postgresql.create_database("restarted"))) as server,
        ):
            run(work(server))

    def test_a_silent_server_is_given_up(
        self, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(lane_postgresql, "MOST_SECONDS", 1)
        monkeypatch.setattr(lane_postgresql, "CONNECT_SECONDS", 2)

        async def work() -> None:
            port = make_url(server.url).port
            assert port is not None
            async with Proxy.to(port) as proxy, lane_to(server.url, 1, proxy.port) as lane:
                await lane.add(1)
                proxy.silent = True
                with pytest.raises(DatabaseUnavailable):
                    await lane.add(2)
                with pytest.raises(DatabaseUnavailable):
                    await lane.read(1)
                proxy.silent = False
                assert await lane.read(1) == b"text"

        run(work())


class TestPreparedStatements:
    """The server does not know them any more, or cannot use them."""

    def test_a_changed_table_is_prepared_for_again(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 1) as lane:
                await lane.add(1)
                assert await lane.read(1) == b"text"
                # A result of another type makes the plan useless, and PostgreSQL says so.
                server.value("ALTER TABLE notes ALTER text TYPE varchar(9)")
                assert await lane.read(1) == b"text"
                server.value("ALTER TABLE notes ADD COLUMN added integer")
                await lane.add(2)
                assert await lane.read(2) == b"text"

        run(work())

    def test_a_write_that_waits_meanwhile_is_carried_out(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 1) as lane:
                await lane.add(1)
                await lane.read(1)
                server.value("ALTER TABLE notes ALTER text TYPE varchar(9)")
                answers = await asyncio.gather(lane.read(1), lane.add(2), lane.add(3))
                assert answers[0] == b"text"
                assert await lane.count() == 3

        run(work())

    def test_forgotten_ones_are_prepared_again(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 1) as lane:
                await lane.add(1)
                server.value(
                    "CREATE FUNCTION forget() RETURNS text LANGUAGE plpgsql "
                    "AS $$ BEGIN DEALLOCATE ALL; RETURN 'forgotten'; END $$"
                )
                assert await lane.value(select(func.forget())) == b"forgotten"
                await lane.add(2)
                assert await lane.count() == 2

        run(work())

    def test_there_are_not_too_many(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(lane_pipeline, "_MOST_PREPARED", 5)
        prepared = select(cast(func.count(), Text)).select_from(text("pg_prepared_statements"))

        async def work() -> None:
            async with lane_to(server.url, 1) as lane:
                for number in range(12):
                    assert await lane.value(select(cast(number, Text))) == b"%d" % number
                assert int(await lane.value(prepared) or b"") <= 5
                assert await lane.value(select(cast(0, Text))) == b"0"

        run(work())


class TestClientsThatLeave:
    """Whose task is cancelled."""

    def test_a_busy_connection_comes_back(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 1) as lane:
                process = await lane.value(PROCESS)
                read = asyncio.create_task(lane.value(SLOW_READ, seconds=0.3))
                await until(lambda: server.busy() == 1)
                read.cancel()
                assert await lane.value(PROCESS) == process

        run(work())

    def test_while_the_statement_is_prepared(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 1) as lane:
                await lane.add(1)
                read = asyncio.create_task(lane.read(1))
                await asyncio.sleep(0)
                read.cancel()
                assert await lane.read(1) == b"text"

        run(work())

    def test_while_the_connection_is_made(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 1) as lane:
                first = asyncio.create_task(lane.count())
                second = asyncio.create_task(lane.count())
                await asyncio.sleep(0)
                first.cancel()
                assert await second == 0

        run(work())

    def test_in_the_moment_in_which_they_are_given_a_connection(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 1) as lane:
                waiting: asyncio.Task[bytes | None] | None = None

                async def holding() -> None:
                    await lane.value(SLOW_READ, seconds=0.1)
                    assert waiting is not None
                    waiting.cancel()

                holder = asyncio.create_task(holding())
                await until(lambda: server.busy() == 1)
                waiting = asyncio.create_task(lane.value(PROCESS))
                await holder
                assert await lane.count() == 0

        run(work())

    def test_while_they_wait_for_a_connection(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 1) as lane:
                holder = asyncio.create_task(lane.value(SLOW_READ, seconds=0.2))
                await until(lambda: server.busy() == 1)
                waiting = [asyncio.create_task(lane.count()) for _ in range(3)]
                await asyncio.sleep(0)
                waiting[0].cancel()
                waiting[1].cancel()
                assert await waiting[2] == 0
                assert await holder == b""

        run(work())


class TestLargeValues:
    """A statement goes out in parts."""

    def test_more_than_the_buffers_of_the_socket_hold(
        self, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        long = "x" * 1_000_000
        connect = psycopg.AsyncConnection.connect

        async def connect_with_a_small_buffer(**options: Any) -> psycopg.AsyncConnection[Any]:
            made = await connect(**options)
            with socket.socket(fileno=os.dup(made.pgconn.socket)) as same:
                same.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
            return made

        monkeypatch.setattr(psycopg.AsyncConnection, "connect", connect_with_a_small_buffer)

        async def work() -> None:
            port = make_url(server.url).port
            assert port is not None
            async with (
                Proxy.to(port, receive_buffer=4096) as proxy,
                lane_to(server.url, 1, proxy.port) as lane,
            ):
                await lane.add(1)
                proxy.seconds_before_reading = 0.01
                await asyncio.gather(*(lane.add(number, long) for number in range(2, 5)))
                proxy.seconds_before_reading = 0
                found = await asyncio.gather(*(lane.read(number) for number in range(2, 5)))
                assert found == [long.encode()] * 3

        run(work())

    def test_many_at_once(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 4) as lane:
                texts = {number: str(number % 10) * 1_000_000 for number in range(20)}
                await asyncio.gather(*(lane.add(one, text) for one, text in texts.items()))
                found = await asyncio.gather(*(lane.value(READ, id=one) for one in texts))
                assert found == [text.encode() for text in texts.values()]

        run(work())
