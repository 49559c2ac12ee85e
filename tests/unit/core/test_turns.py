"""Requests begin in their order, some in each turn of the event loop."""

import asyncio
from threading import Thread

import pytest
from starlette.types import Receive, Scope, Send

from backend.core.turns import MOST_IN_A_TURN, Turns
from tests.unit.core.admissions import Answer, Gate, admitted, an_answer, ask, in_a_loop


class Clock:
    """Counts the turns of the event loop."""

    def __init__(self) -> None:
        self.turn = 0

    async def run(self) -> None:
        while True:
            self.turn += 1
            await asyncio.sleep(0)


async def begun(requests: int) -> list[tuple[int, str]]:
    """The turn in which each of the requests began that arrived at once, and its path."""
    clock, found = Clock(), []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        found.append((clock.turn, scope["path"]))
        await an_answer()(scope, receive, send)

    limited = admitted(app)
    ticking = asyncio.create_task(clock.run())
    answers: list[Answer] = await asyncio.gather(
        *(ask(limited, f"/{number}") for number in range(requests))
    )
    ticking.cancel()
    assert {status for status, _, _ in answers} == {200}
    return found


@in_a_loop
async def test_a_few_begin_at_once() -> None:
    assert {turn for turn, _ in await begun(MOST_IN_A_TURN)} == {1}


@in_a_loop
async def test_of_many_some_begin_in_each_turn_in_their_order() -> None:
    count = 3 * MOST_IN_A_TURN + 1
    found = await begun(count)
    assert [path for _, path in found] == [f"/{number}" for number in range(count)]
    turns = [turn for turn, _ in found]
    assert max(turns.count(turn) for turn in turns) == MOST_IN_A_TURN
    assert len(set(turns)) == 4


@in_a_loop
async def test_one_that_is_given_up_while_it_waits_holds_nobody_up() -> None:
    app = admitted(an_answer())
    tasks = [asyncio.create_task(ask(app)) for _ in range(2 * MOST_IN_A_TURN)]
    await asyncio.sleep(0)
    tasks[-2].cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in found].count(asyncio.CancelledError) == 1
    assert (await ask(app))[0] == 200


@in_a_loop
async def test_one_that_is_given_up_while_it_waits_gives_its_place_back() -> None:
    gate = Gate()
    places = MOST_IN_A_TURN + 1
    app = admitted(gate, max_concurrent_requests=places)
    tasks = [asyncio.create_task(ask(app)) for _ in range(places)]
    await asyncio.sleep(0)
    assert gate.entered == MOST_IN_A_TURN
    assert (await ask(app))[0] == 503
    tasks.pop().cancel()
    await asyncio.sleep(0)
    gate.open.set()
    assert (await ask(app))[0] == 200
    assert {status for status, _, _ in await asyncio.gather(*tasks)} == {200}


def the_first_to_wait(turns: Turns, loop: asyncio.AbstractEventLoop) -> asyncio.Future[None]:
    assert all(turns.begin(loop) for _ in range(MOST_IN_A_TURN))
    assert not turns.begin(loop)
    return turns.wait(loop)


def test_event_loops_do_not_take_each_others_turns() -> None:
    turns = Turns()

    async def wait() -> None:
        await asyncio.wait_for(the_first_to_wait(turns, asyncio.get_running_loop()), 1)

    with asyncio.Runner() as stopped, asyncio.Runner() as other:
        waiting = the_first_to_wait(turns, stopped.get_loop())
        other.run(wait())
        assert not waiting.done()
        stopped.get_loop().run_until_complete(waiting)


def test_event_loops_of_several_threads_go_on_to_their_next_turns_at_the_same_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turns = Turns()
    found: list[bool] = []

    async def wait() -> None:
        done, _ = await asyncio.wait(
            [the_first_to_wait(turns, asyncio.get_running_loop())], timeout=1
        )
        found.append(bool(done))

    class WaitsForAnotherThread(asyncio.Future[None]):
        def set_result(self, result: None) -> None:
            thread = Thread(target=asyncio.run, args=(wait(),))
            thread.start()
            thread.join()
            super().set_result(result)

    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        with monkeypatch.context() as patch:
            patch.setattr(loop, "create_future", lambda: WaitsForAnotherThread(loop=loop))
            waiting = the_first_to_wait(turns, loop)
        loop.run_until_complete(waiting)
    assert found == [True]
