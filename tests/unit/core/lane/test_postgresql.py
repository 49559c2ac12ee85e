"""The lane's connections to PostgreSQL: how many, what they prepare, large values."""

import asyncio
import os
import socket
from typing import Any

import psycopg
import pytest
from sqlalchemy import Text, cast, func, make_url, select, text

from backend.core.errors import DatabaseUnavailable
from backend.core.lane import pipeline as lane_pipeline
from backend.core.lane.executor import Refused
from tests.postgresql import free_port
from tests.unit.core.lane.executing import READ, run
from tests.unit.core.lane.observed import PROCESS, SLOW_READ, Server, lane_to, until
from tests.unit.core.lane.proxy import Proxy


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

        assert run(work()) == [b"1s", b"250ms", b"UTC"]

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
