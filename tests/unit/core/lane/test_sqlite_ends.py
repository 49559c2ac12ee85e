"""Writes on SQLite that are broken off: by their client, by the loop, by a fault, at shutdown."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from backend.core.database import Database
from backend.core.errors import DatabaseUnavailable
from backend.core.lane.executor import CountedExecutor
from backend.core.lane.sqlite import SQLiteExecutor
from backend.core.writes import Writes
from tests.unit.core.admissions import settings_with
from tests.unit.core.lane.executing import Lane, create_notes, run

EXECUTE = "backend.core.lane.sqlite._Connection.execute"
BEGIN, COMMIT = "BEGIN IMMEDIATE", "COMMIT"
Act: TypeAlias = Callable[[str, Sequence[Any]], None]
Before: TypeAlias = Callable[[Act], None]


class Stack:
    """A database, its lane, and the writes of both."""

    def __init__(self, path: Path) -> None:
        url = f"sqlite:///{path}"
        create_notes(url)
        self.path = path
        self.writes = Writes(settings_with())
        self.database = Database(url, 4, writes=self.writes)
        self.lane = Lane(CountedExecutor(SQLiteExecutor(self.database), self.writes))

    async def close(self) -> None:
        await self.lane.executor.close()
        self.database.dispose()

    def stored(self) -> set[int]:
        """The ids of the notes; another connection may write at once."""
        with closing(sqlite3.connect(self.path, 0, isolation_level=None)) as other:
            other.execute(BEGIN)
            return {note_id for (note_id,) in other.execute("SELECT id FROM notes")}


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return Stack(tmp_path / "lane.db")


@pytest.fixture
def before(
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Callable[[str, Sequence[Any]], None]], None]:
    """Something to be done before each statement of the lane."""

    def install(act: Act) -> None:
        def execute(
            connection: sqlite3.Connection, sql: str, arguments: Sequence[Any] = ()
        ) -> sqlite3.Cursor:
            act(sql, arguments)
            return sqlite3.Connection.execute(connection, sql, arguments)

        monkeypatch.setattr(EXECUTE, execute, raising=False)

    return install


async def outcomes(*writes: asyncio.Task[Any]) -> list[type[BaseException] | None]:
    found = await asyncio.gather(*writes, return_exceptions=True)
    return [type(one) if isinstance(one, BaseException) else None for one in found]


def committing() -> asyncio.Task[Any]:
    [found] = [one for one in asyncio.all_tasks() if "_commit" in repr(one.get_coro())]
    return found


class Pause:
    """Holds the thread at a statement; then lets it fail, if it is to."""

    def __init__(self, at: str, *, fails: bool) -> None:
        self.reached = threading.Event()
        self.over = threading.Event()
        self._at = at
        self._fails = fails

    def __call__(self, sql: str, _arguments: Sequence[Any]) -> None:
        if sql == self._at and not self.over.is_set():
            self.reached.set()
            assert self.over.wait(5)
            if self._fails:
                raise sqlite3.OperationalError("database or disk is full")


@pytest.mark.parametrize(
    ("at", "fails", "expected"),
    [(BEGIN, False, {2}), (COMMIT, False, {1, 2}), (COMMIT, True, {2})],
)
def test_one_that_the_loop_breaks_off_is_not_confirmed_and_holds_no_lock(
    stack: Stack, before: Before, at: str, fails: bool, expected: set[int]
) -> None:
    pause = Pause(at, fails=fails)
    before(pause)

    async def work() -> None:
        write = asyncio.create_task(stack.lane.add(1))
        await asyncio.to_thread(pause.reached.wait, 5)
        committing().cancel()
        assert await outcomes(write) == [DatabaseUnavailable]
        pause.over.set()
        await stack.lane.add(2)
        assert stack.stored() == expected
        await stack.close()

    run(work())
    assert stack.writes.under_way == 0


def test_the_next_loop_writes_after_one_that_has_ended_meanwhile(stack: Stack) -> None:
    with closing(sqlite3.connect(stack.path, isolation_level=None)) as other:

        async def leave() -> None:
            await stack.lane.add(1)
            other.execute(BEGIN)
            writing.append(asyncio.create_task(stack.lane.add(2)))
            await asyncio.sleep(0.02)

        writing: list[asyncio.Task[None]] = []
        run(leave())
        assert writing[0].cancelled()
        other.execute("ROLLBACK")

    async def go_on() -> None:
        await stack.lane.add(3)
        assert stack.stored() == {1, 3}
        await stack.close()

    run(go_on())
    assert stack.writes.under_way == 0


@pytest.mark.parametrize("form", ["declared", "plain"])
def test_those_who_go_while_they_wait_for_the_writer_hold_nobody_up(
    stack: Stack, form: str
) -> None:
    async def work() -> None:
        free = threading.Event()
        plain = asyncio.create_task(stack.database.run(free.wait, writing=True))
        await asyncio.sleep(0.01)
        waiting: list[asyncio.Task[Any]] = [
            asyncio.create_task(
                stack.lane.add(number)
                if form == "declared"
                else stack.database.run(lambda: None, writing=True)
            )
            for number in range(3)
        ]
        await asyncio.sleep(0.01)
        assert stack.writes.under_way == 4
        for one in waiting:
            one.cancel()
        assert await outcomes(*waiting) == [asyncio.CancelledError] * 3
        assert stack.writes.under_way == 1
        free.set()
        await plain
        await stack.lane.add(4)
        assert await stack.database.run(lambda: 5, writing=True) == 5
        assert stack.stored() == {4}
        await stack.close()

    run(work())
    assert stack.writes.under_way == 0


def test_a_fault_of_ours_ends_its_own_commit_and_no_other(stack: Stack, before: Before) -> None:
    def fail(_sql: str, arguments: Sequence[Any]) -> None:
        if 2 in arguments:
            raise RuntimeError

    async def work() -> None:
        writes = [asyncio.create_task(stack.lane.add(number)) for number in range(150)]
        expected = [RuntimeError] * 3 + [None] * 147
        assert await outcomes(*writes) == expected
        assert stack.stored() == set(range(3, 150))
        await stack.close()

    before(fail)
    run(work())


def test_a_commit_takes_no_more_when_those_before_took_long(
    stack: Stack, before: Before, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.core.lane.sqlite._SECONDS_ON_THE_LOOP", 0)
    statements: list[str] = []

    async def work() -> None:
        await asyncio.gather(*(stack.lane.add(number) for number in range(3)))
        await stack.close()

    before(lambda sql, _: statements.append(sql))
    run(work())
    assert statements.count(COMMIT) == 3


def test_what_is_under_way_at_shutdown_is_finished(stack: Stack) -> None:
    async def work() -> None:
        writes = [asyncio.create_task(stack.lane.add(number)) for number in range(150)]
        await asyncio.sleep(0)
        await stack.close()
        assert await outcomes(*writes) == [None] * 150

    run(work())
    assert stack.stored() == set(range(150))
