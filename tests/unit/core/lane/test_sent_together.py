"""Small statements that share a transaction on PostgreSQL: reads of one row, and INSERTs."""

import asyncio
from collections import Counter
from typing import Any

import psycopg
import pytest
from sqlalchemy import Integer, Text, bindparam, cast, func, literal, select

from backend.core.errors import DatabaseUnavailable
from backend.core.lane.executor import Refused
from tests.unit.core.lane.executing import run
from tests.unit.core.lane.observed import SLOW_READ, Server, lane_to, until


class TestReadsOfOneRow:
    """Those that begin in one turn are sent together."""

    BEGUN = select(cast(func.now(), Text))
    QUOTIENT = select(cast(literal(6) // bindparam("divisor", type_=Integer), Text))
    READS = (BEGUN, QUOTIENT)

    def test_those_that_begin_in_one_turn_share_a_transaction(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 2, reading_one=self.READS) as lane:
                begun = await asyncio.gather(*(lane.value(self.BEGUN) for _ in range(8)))
                assert len(set(begun)) == 1
                assert server.connections() == 1
                assert await lane.value(self.BEGUN) not in begun

        run(work())

    def test_not_more_than_a_few_share_one(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 4, reading_one=self.READS) as lane:
                begun = await asyncio.gather(*(lane.value(self.BEGUN) for _ in range(20)))
                assert max(Counter(begun).values()) == 8

        run(work())

    def test_each_gets_its_own_answer(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 2) as lane:
                await asyncio.gather(*(lane.add(number, f"text {number}") for number in range(20)))
                for _ in range(3):
                    found = await asyncio.gather(*(lane.read(number) for number in range(20)))
                    assert found == [f"text {number}".encode() for number in range(20)]

        run(work())

    def test_one_that_fails_is_refused_and_the_others_are_answered(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 1, reading_one=self.READS) as lane:
                divided = (lane.value(self.QUOTIENT, divisor=by) for by in (1, 2, 0, 3))
                found = await asyncio.gather(*divided, return_exceptions=True)
                assert found[:2] + found[3:] == [b"6", b"3", b"2"]
                assert isinstance(found[2], Refused)
                # That statement is sent alone for a while, and any other as before.
                assert await lane.value(self.BEGUN) != await lane.value(self.BEGUN)
                *begun, _ = await asyncio.gather(
                    *(lane.value(self.BEGUN) for _ in range(3)),
                    lane.value(self.QUOTIENT, divisor=1),
                )
                assert len(set(begun)) == 1

        run(work())

    def test_one_whose_page_is_broken_is_refused_alone(self, server: Server) -> None:
        # XX001 leaves open what became of a write, and of a read there is nothing to leave open.
        server.value(
            "CREATE FUNCTION broken(number integer) RETURNS text LANGUAGE plpgsql AS $$ BEGIN "
            "IF number = 0 THEN RAISE EXCEPTION 'broken' USING ERRCODE = 'XX001'; END IF; "
            "RETURN number; END $$"
        )
        read = select(func.broken(bindparam("number", type_=Integer)))

        async def work() -> None:
            async with lane_to(server.url, 1, reading_one=[read]) as lane:
                reads = (lane.value(read, number=number) for number in (1, 0, 2))
                found = await asyncio.gather(*reads, return_exceptions=True)
                assert found[0] == b"1"
                assert found[2] == b"2"
                assert isinstance(found[1], DatabaseUnavailable)

        run(work())

    def test_one_that_takes_long_is_sent_alone_from_then_on(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 3, reading_one=(SLOW_READ,)) as lane:
                slow = [lane.value(SLOW_READ, seconds=seconds) for seconds in (0.15, 0.01)]
                await asyncio.gather(*slow)
                assert server.connections() == 1
                slow = [lane.value(SLOW_READ, seconds=0.05) for _ in range(3)]
                await asyncio.gather(*slow)
                assert server.connections() == 3

        run(work())

    def test_a_connection_that_opens_while_the_lane_is_closed_is_closed_too(
        self, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def work() -> None:
            connect, opening = psycopg.AsyncConnection.connect, asyncio.Event()

            async def connect_late(**arguments: Any) -> psycopg.AsyncConnection[Any]:
                made = await connect(**arguments)
                opening.set()
                await asyncio.sleep(0.05)
                return made

            monkeypatch.setattr(psycopg.AsyncConnection, "connect", connect_late)
            async with lane_to(server.url, 1) as lane:
                reading = asyncio.create_task(lane.read(1))
                await opening.wait()
            with pytest.raises(DatabaseUnavailable):
                await reading
            await until(lambda: server.connections() == 0)

        run(work())

    def test_a_write_that_begins_with_them_has_a_transaction_of_its_own(
        self, server: Server
    ) -> None:
        async def work() -> None:
            async with lane_to(server.url, 2, reading_one=self.READS) as lane:
                await lane.add(1)
                failing = lane.value(self.QUOTIENT, divisor=0)
                found = await asyncio.gather(failing, lane.add(2), return_exceptions=True)
                assert isinstance(found[0], Refused)
                assert await lane.count() == 2

        run(work())

    def test_who_has_gone_holds_nobody_up(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 1) as lane:
                await lane.add(1)
                tasks = [asyncio.create_task(lane.read(1)) for _ in range(3)]
                await asyncio.sleep(0)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                assert await lane.read(1) == b"text"
                await lane.add(2)

        run(work())

    def test_those_on_a_lost_connection_are_sent_again(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 1, reading_one=(SLOW_READ,)) as lane:
                slow = [asyncio.create_task(lane.value(SLOW_READ, seconds=0.3)) for _ in range(3)]
                await until(lambda: server.busy() == 1)
                server.terminate_others()
                assert await asyncio.gather(*slow) == [b""] * 3

        run(work())


class TestSharedCommits:
    """INSERTs that begin or wait together are committed together."""

    def test_those_that_begin_in_one_turn_share_one(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 2) as lane:
                await asyncio.gather(*(lane.value(SLOW_READ, seconds=0.01) for _ in range(2)))
                assert server.connections() == 2
                await asyncio.gather(lane.add(1), lane.add(2))

        run(work())
        assert server.value("SELECT count(DISTINCT xmin::text) FROM notes") == 1

    def test_all_of_them_are_stored(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 2) as lane:
                await asyncio.gather(*(lane.add(number) for number in range(100)))
                assert await lane.count() == 100

        run(work())
        assert server.value("SELECT count(DISTINCT xmin::text) FROM notes") < 50

    def test_one_is_sent_while_another_waits_for_a_connection_that_opens(
        self, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def work() -> None:
            async with lane_to(server.url, 2) as lane:
                reading = asyncio.create_task(lane.value(SLOW_READ, seconds=0.3))
                await until(lambda: server.busy() == 1)
                opened = asyncio.Event()
                connect = psycopg.AsyncConnection.connect

                async def connect_late(**arguments: Any) -> psycopg.AsyncConnection[Any]:
                    await opened.wait()
                    return await connect(**arguments)

                monkeypatch.setattr(psycopg.AsyncConnection, "connect", connect_late)
                first = asyncio.create_task(lane.add(1))
                await reading
                await lane.add(2)
                assert not first.done()
                opened.set()
                await first

        run(work())

    def test_one_that_fails_is_refused_and_the_others_are_stored(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 1) as lane:
                await lane.add(0)
                adding = (lane.add(number) for number in (1, 2, 0, 3))
                found = await asyncio.gather(*adding, return_exceptions=True)
                assert [type(one) for one in found] == [type(None), type(None), Refused, type(None)]
                assert await lane.count() == 4
                await lane.add(4)

        run(work())

    @pytest.mark.parametrize("beside", [0, 3])
    def test_a_check_at_the_commit_refuses(self, server: Server, beside: int) -> None:
        async def work() -> None:
            async with lane_to(server.url, 1) as lane:
                await lane.count()
                adding = [lane.add(1), *(lane.add(2 + number) for number in range(beside))]
                wrong = lane.add(9, reply_to=99)
                *_, refused = await asyncio.gather(*adding, wrong, return_exceptions=True)
                assert isinstance(refused, Refused)
                with pytest.raises(Refused):
                    await lane.add(10, reply_to=99)
                assert await lane.count() == 1 + beside
                await lane.add(11)

        run(work())

    def test_who_has_gone_is_not_added_and_holds_nobody_up(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 1) as lane:
                first = asyncio.create_task(lane.add(1))
                gone = [asyncio.create_task(lane.add(number)) for number in (2, 3)]
                await asyncio.sleep(0)
                for task in gone:
                    task.cancel()
                await first
                await lane.add(4)
                assert await lane.count() == 2

        run(work())

    def test_who_waits_at_shutdown_is_told_and_opens_no_connection(self, server: Server) -> None:
        async def work() -> None:
            async with lane_to(server.url, 1) as lane:
                under_way = asyncio.create_task(lane.value(SLOW_READ, seconds=5))
                await until(lambda: server.busy() == 1)
                waiting = [asyncio.create_task(lane.add(number)) for number in range(20)]
                await asyncio.sleep(0)
            found = await asyncio.gather(under_way, *waiting, return_exceptions=True)
            assert {type(one) for one in found} == {DatabaseUnavailable}
            await until(lambda: server.connections() == 0)

        run(work())
