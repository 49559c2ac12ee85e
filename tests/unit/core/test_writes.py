"""How many writes may wait: by what the latest took, and never all places."""

import asyncio
from types import SimpleNamespace

import pytest

from backend.core import admission
from backend.core import writes as writes_module
from backend.core.writes import FEW, Writes
from tests.unit.core.admissions import (
    Gate,
    admitted,
    an_answer,
    ask,
    in_a_loop,
    problem_of,
    settings_with,
)


class Writer:
    """Carries writes out one after another, on a clock of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **settings: int) -> None:
        self.now = 0.0
        monkeypatch.setattr(writes_module, "time", SimpleNamespace(monotonic=lambda: self.now))
        self.writes = Writes(settings_with(**settings))
        self._free = asyncio.Lock()

    async def carry_out(self, count: int, seconds: float) -> int:
        """Carry out writes that come all at once; how many there may be then."""
        await asyncio.gather(*(self.writes.carry_out(self._write(seconds)) for _ in range(count)))
        return self.writes.most

    async def _write(self, seconds: float) -> None:
        async with self._free:
            await asyncio.sleep(0)
            self.now += seconds


class TestMost:
    """How many there may be."""

    @in_a_loop
    async def test_as_many_as_are_carried_out_in_the_time_that_is_set(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        writer = Writer(monkeypatch, max_write_wait_milliseconds=400)
        assert 95 <= await writer.carry_out(100, 0.004) <= 105

    @in_a_loop
    async def test_fast_ones_may_be_many_and_slow_ones_few(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        writer = Writer(monkeypatch, max_write_wait_milliseconds=100)
        assert await writer.carry_out(100, 0) == 128
        assert await writer.carry_out(100, 0.02) == FEW
        assert await writer.carry_out(100, 0) == 128

    @in_a_loop
    async def test_one_long_import_is_soon_forgotten(self, monkeypatch: pytest.MonkeyPatch) -> None:
        writer = Writer(monkeypatch)
        assert await writer.carry_out(1, 30) == FEW
        assert await writer.carry_out(128, 0.0001) == 128

    @pytest.mark.parametrize(("places", "most"), [(256, 128), (20, 10), (1, 1)])
    def test_they_never_take_all_places(self, places: int, most: int) -> None:
        assert Writes(settings_with(max_concurrent_requests=places)).most == most

    @in_a_loop
    async def test_one_that_fails_or_is_given_up_is_under_way_no_more(self) -> None:
        writes = Writes(settings_with())

        async def fail() -> None:
            raise ValueError

        with pytest.raises(ValueError):  # noqa: PT011 - the one above
            await writes.carry_out(fail())
        waiting = asyncio.create_task(writes.carry_out(asyncio.Event().wait()))
        await asyncio.sleep(0)
        assert writes.under_way == 1
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert writes.under_way == 0


class TestRefusal:
    """A request that may change rows, while as many writes wait as may."""

    @in_a_loop
    async def test_it_is_503_and_a_read_is_served(self) -> None:
        writes = Writes(settings_with(max_concurrent_requests=4))
        gate = Gate()

        async def app(*arguments: object) -> None:
            await writes.carry_out(gate(*arguments))  # type: ignore[arg-type]  # as ASGI gives them

        held = [asyncio.create_task(ask(admitted(app, writes))) for _ in range(2)]
        await asyncio.sleep(0.01)
        other = admitted(an_answer(), writes)
        refused = await ask(other)
        assert refused[1]["retry-after"] == "1"
        assert problem_of(refused)["status"] == 503
        assert [(await ask(other, method=one))[0] for one in ("PATCH", "DELETE", "PUT")] == [
            503
        ] * 3
        assert [(await ask(other, method=one))[0] for one in ("GET", "HEAD", "OPTIONS")] == [
            200
        ] * 3
        gate.open.set()
        assert [status for status, _, _ in await asyncio.gather(*held)] == [200, 200]
        assert (await ask(other))[0] == 200

    @in_a_loop
    async def test_one_that_is_held_back_takes_no_place(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(admission, "REFUSALS_AT_ONCE", 0)
        monkeypatch.setattr(admission, "REFUSAL_SECONDS", 0.2)
        writes = Writes(settings_with(max_concurrent_requests=2))
        waiting = asyncio.create_task(writes.carry_out(asyncio.Event().wait()))
        await asyncio.sleep(0)
        app = admitted(an_answer(), writes, max_concurrent_requests=2)
        refused = [asyncio.create_task(ask(app)) for _ in range(5)]
        await asyncio.sleep(0.01)
        assert (await ask(app, method="GET"))[0] == 200
        assert not any(one.done() for one in refused)
        assert {status for status, _, _ in await asyncio.gather(*refused)} == {503}
        waiting.cancel()
