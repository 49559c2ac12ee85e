"""The lane's connections to PostgreSQL, when the server, the network or the client fails."""

import asyncio
import os
import signal
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url

from backend.core import engine
from backend.core.errors import DatabaseUnavailable
from backend.core.lane import postgresql as lane_postgresql
from backend.core.lane.executor import Refused
from tests.postgresql import PostgreSQL
from tests.unit.core.lane.executing import run
from tests.unit.core.lane.observed import (
    PROCESS,
    SLOW_READ,
    SLOW_WRITE,
    Server,
    lane_to,
    until,
)
from tests.unit.core.lane.proxy import Proxy


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
        monkeypatch.setitem(engine.POSTGRESQL_ARGUMENTS, "connect_timeout", 2)

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
