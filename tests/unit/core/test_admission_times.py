"""No request stays longer than its time."""

import asyncio

import pytest
from starlette.types import Message

from backend.core import admission
from tests.unit.core.admissions import (
    Gate,
    admitted,
    an_answer,
    ask,
    in_a_loop,
    problem_of,
    silence,
)


@pytest.fixture(autouse=True)
def _swift_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "SWEEP_SECONDS", 0.02)


@in_a_loop
async def test_a_request_that_takes_too_long_is_503_and_gives_its_place_back() -> None:
    gate = Gate()
    app = admitted(gate, max_concurrent_requests=1, request_timeout_seconds=0.05)
    ended = await ask(app)
    assert ended[0] == 503
    assert "too long" in str(problem_of(ended)["detail"])
    assert int(ended[1]["retry-after"]) >= 1
    gate.open.set()
    assert (await ask(app))[0] == 200


@in_a_loop
async def test_a_body_that_does_not_arrive_is_408_and_closes_the_connection() -> None:
    app = admitted(an_answer(), request_timeout_seconds=0.05)
    for headers in ([(b"content-length", b"9")], [(b"transfer-encoding", b"chunked")]):
        answer = await ask(app, headers=headers, receive=silence)
        assert answer[0] == 408
        problem_of(answer)
        assert answer[1]["connection"] == "close"


@in_a_loop
async def test_the_sweeps_go_on_as_long_as_requests_are_in_flight_and_start_again() -> None:
    gate = Gate()
    app = admitted(gate, request_timeout_seconds=0.05)
    for _ in range(2):
        assert {answer[0] for answer in await asyncio.gather(ask(app), ask(app))} == {503}
        await asyncio.sleep(0.05)


def test_a_second_event_loop_is_swept_too() -> None:
    async def stay(*_: object) -> None:
        await asyncio.sleep(30)

    app = admitted(stay, request_timeout_seconds=0.05)

    async def leave_in_flight() -> None:
        task = asyncio.create_task(ask(app))
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(leave_in_flight())
    assert asyncio.run(asyncio.wait_for(ask(app), 5))[0] == 503


@in_a_loop
async def test_who_cancels_a_request_from_outside_sees_it_cancelled() -> None:
    gate = Gate()
    task = asyncio.create_task(ask(admitted(gate)))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@in_a_loop
async def test_an_ended_request_can_wait_for_the_client_to_take_its_answer() -> None:
    app = admitted(Gate(), request_timeout_seconds=0.05)
    sent: list[Message] = []

    async def slow_send(message: Message) -> None:
        await asyncio.sleep(0.1)
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/x", "headers": []}
    await app(scope, silence, slow_send)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    assert [message["type"] for message in sent] == [
        "http.response.start",
        "http.response.body",
    ]
