"""The lane's connections to SQLite: locks, clashes, a full disk, commits that fail."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Integer, Text, cast, insert, literal_column, select, text

from backend.core.database import Database
from backend.core.engine import SQLITE_PRAGMAS
from backend.core.errors import DatabaseUnavailable
from backend.core.lane import sqlite as lane_sqlite
from backend.core.lane.executor import Refused
from backend.core.lane.sqlite import SQLiteExecutor
from tests.unit.core.lane.executing import NOTES, Lane, create_notes, run

TOO_LARGE = 2**63
_MANY = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000000)"
SLOW_WRITE = (
    insert(NOTES)
    .values(id=literal_column(f"({_MANY} SELECT count(*) FROM n)", Integer), text="text")
    .returning(cast(NOTES.c.id, Text))
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "lane.db"
    create_notes(f"sqlite:///{path}")
    return path


@asynccontextmanager
async def lane_to(path: Path) -> AsyncIterator[Lane]:
    database = Database(f"sqlite:///{path}", 4)
    executor = SQLiteExecutor(database)
    try:
        yield Lane(executor)
    finally:
        await executor.close()
        database.dispose()


def stored(path: Path) -> set[int]:
    """The ids of the notes, seen from another connection."""
    with closing(sqlite3.connect(path)) as connection:
        return {note_id for (note_id,) in connection.execute("SELECT id FROM notes")}


async def outcomes(*writes: asyncio.Task[Any]) -> list[type[BaseException] | None]:
    """What each write ended with; None for success."""
    found = await asyncio.gather(*writes, return_exceptions=True)
    return [None if one is None else type(one) for one in found]


class TestLocks:
    """Another process holds the write lock."""

    def test_reads_do_not_wait(self, path: Path) -> None:
        async def work() -> None:
            async with lane_to(path) as lane:
                await lane.add(1)
                with closing(sqlite3.connect(path, isolation_level=None)) as other:
                    other.execute("BEGIN IMMEDIATE")
                    other.execute("INSERT INTO notes (id, text) VALUES (2, 'x')")
                    started = asyncio.get_running_loop().time()
                    assert await lane.count() == 1
                    assert asyncio.get_running_loop().time() - started < 1
                    other.execute("COMMIT")
                assert await lane.count() == 2

        run(work())

    def test_writes_wait_and_hold_up_no_read(self, path: Path) -> None:
        async def work() -> None:
            async with lane_to(path) as lane:
                await lane.add(1)
                with closing(sqlite3.connect(path, isolation_level=None)) as other:
                    other.execute("BEGIN IMMEDIATE")
                    writes = [asyncio.create_task(lane.add(number)) for number in range(2, 6)]
                    await asyncio.sleep(0.2)
                    assert await lane.count() == 1
                    assert not any(write.done() for write in writes)
                    other.execute("COMMIT")
                assert await outcomes(*writes) == [None] * 4
                assert await lane.count() == 5

        run(work())

    def test_writes_wait_for_a_limited_time(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(lane_sqlite, "BUSY_TIMEOUT_SECONDS", 0.2)

        async def work() -> None:
            async with lane_to(path) as lane:
                with closing(sqlite3.connect(path, isolation_level=None)) as other:
                    other.execute("BEGIN IMMEDIATE")
                    writes = [asyncio.create_task(lane.add(number)) for number in range(3)]
                    assert set(await outcomes(*writes)) == {DatabaseUnavailable}
                    other.execute("COMMIT")
                await lane.add(4)
                assert await lane.count() == 1

        run(work())
        assert stored(path) == {4}


class TestBatches:
    """Writes that wait are committed together."""

    def test_one_that_clashes_is_refused_alone(self, path: Path) -> None:
        async def work() -> None:
            async with lane_to(path) as lane:
                await lane.add(3)
                writes = [asyncio.create_task(lane.add(number)) for number in range(6)]
                expected: list[type[BaseException] | None] = [None] * 6
                expected[3] = Refused
                assert await outcomes(*writes) == expected

        run(work())
        assert stored(path) == set(range(6))

    def test_none_is_answered_before_its_commit(self, path: Path) -> None:
        async def work() -> None:
            async with lane_to(path) as lane:
                for first in range(0, 250, 50):
                    numbers = range(first, first + 50)

                    async def added(number: int) -> None:
                        await lane.add(number)
                        assert number in stored(path)

                    await asyncio.gather(*(added(number) for number in numbers))

        run(work())

    def test_more_than_one_commit_takes(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(lane_sqlite, "_MOST_IN_ONE_COMMIT", 3)

        async def work() -> None:
            async with lane_to(path) as lane:
                await asyncio.gather(*(lane.add(number) for number in range(20)))

        run(work())
        assert stored(path) == set(range(20))

    def test_a_commit_that_fails_writes_nothing_and_refuses_all(self, path: Path) -> None:
        async def work() -> None:
            async with lane_to(path) as lane:
                await lane.add(1)
                writes = [
                    asyncio.create_task(lane.add(2)),
                    asyncio.create_task(lane.add(3, reply_to=99)),
                    asyncio.create_task(lane.add(4, reply_to=1)),
                ]
                assert await outcomes(*writes) == [Refused] * 3
                assert await lane.count() == 1
                await lane.add(5, reply_to=1)

        run(work())
        assert stored(path) == {1, 5}

    def test_one_that_sqlite_cannot_take_is_refused_alone(self, path: Path) -> None:
        async def work() -> None:
            async with lane_to(path) as lane:
                numbers = (1, TOO_LARGE, 3)
                writes = [asyncio.create_task(lane.add(number)) for number in numbers]
                assert await outcomes(*writes) == [None, Refused, None]

        run(work())
        assert stored(path) == {1, 3}

    def test_one_that_takes_long_does_not_hold_the_loop(self, path: Path) -> None:
        async def work() -> None:
            async with lane_to(path) as lane:
                await lane.add(1)
                started = time.monotonic()
                writes = [
                    asyncio.create_task(lane.add(2)),
                    asyncio.create_task(lane.value(SLOW_WRITE)),
                ]
                # SQLite undoes the whole transaction with it.
                assert await outcomes(*writes) == [Refused] * 2
                assert time.monotonic() - started < 0.5
                await lane.add(3)

        run(work())
        assert stored(path) == {1, 3}

    def test_it_waits_for_who_writes_in_the_plain_form(self, path: Path) -> None:
        async def work() -> None:
            database = Database(f"sqlite:///{path}", 4)
            lane = Lane(SQLiteExecutor(database))
            await lane.add(1)
            free = threading.Event()
            plain = asyncio.create_task(database.run(free.wait, writing=True))
            await asyncio.sleep(0.05)
            write = asyncio.create_task(lane.add(2))
            await asyncio.sleep(0.05)
            waited = not write.done()
            free.set()
            await asyncio.gather(plain, write)
            assert waited
            await lane.executor.close()
            database.dispose()

        run(work())

    def test_a_client_that_leaves_takes_nobody_with_it(self, path: Path) -> None:
        async def work() -> None:
            async with lane_to(path) as lane:
                writes = [asyncio.create_task(lane.add(number)) for number in range(10)]
                await asyncio.sleep(0)
                for write in writes[::2]:
                    write.cancel()
                assert await outcomes(*writes[1::2]) == [None] * 5
                await lane.add(10)

        run(work())
        assert {1, 3, 5, 7, 9, 10} <= stored(path)


class TestFullDisk:
    """SQLite may not make the file larger."""

    def test_it_is_unavailable_and_loses_nothing_acknowledged(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(lane_sqlite, "SQLITE_PRAGMAS", (*SQLITE_PRAGMAS, "max_page_count=40"))
        acknowledged: set[int] = set()

        async def work() -> None:
            async with lane_to(path) as lane:
                found: set[type[BaseException] | None] = set()
                for first in range(0, 100, 10):
                    numbers = range(first, first + 10)
                    writes = [
                        asyncio.create_task(lane.add(number, "x" * 2000)) for number in numbers
                    ]
                    ends = await outcomes(*writes)
                    acknowledged.update(
                        number for number, end in zip(numbers, ends, strict=True) if end is None
                    )
                    found.update(ends)
                assert found == {None, DatabaseUnavailable}
                assert await lane.count() == len(acknowledged)

        run(work())
        assert stored(path) == acknowledged


class TestConnections:
    """What both connections are like."""

    @pytest.mark.parametrize(
        ("pragma", "expected"), [("synchronous", b"2"), ("foreign_keys", b"1")]
    )
    def test_both_have_the_settings_of_every_connection(
        self, path: Path, pragma: str, expected: bytes
    ) -> None:
        setting = select(cast(literal_column(pragma), Text)).select_from(text(f"pragma_{pragma}"))
        write = insert(NOTES).values(id=1, text=setting.scalar_subquery()).returning(NOTES.c.text)

        async def work() -> None:
            async with lane_to(path) as lane:
                assert await lane.value(setting) == expected
                assert await lane.value(write) == expected

        run(work())
