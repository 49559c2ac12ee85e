"""What every request passes first: a place, a body that is not too large, and a name."""

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from backend.core import admission
from backend.core.logs import current_request_id
from tests.unit.core.admissions import (
    Gate,
    admitted,
    an_answer,
    ask,
    body_of,
    held,
    in_a_loop,
    problem_of,
    silence,
)


@in_a_loop
async def test_one_more_than_the_places_is_503_at_once() -> None:
    gate = Gate()
    app = admitted(gate, max_concurrent_requests=2)
    async with held(app, gate, 2):
        for _ in range(3):
            refused = await ask(app)
            assert refused[0] == 503
            assert int(refused[1]["retry-after"]) >= 1
            problem_of(refused)
        assert gate.entered == 2
    assert (await ask(app))[0] == 200


@in_a_loop
async def test_many_refusals_are_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "SWEEP_SECONDS", 5)
    monkeypatch.setattr(admission, "REFUSALS_AT_ONCE", 3)
    monkeypatch.setattr(admission, "REFUSAL_SECONDS", 0.2)
    gate = Gate()
    app = admitted(gate, max_concurrent_requests=1)
    async with held(app, gate, 1):
        tasks = [asyncio.create_task(ask(app)) for _ in range(5)]
        await asyncio.sleep(0.05)
        assert [task.done() for task in tasks] == [True] * 3 + [False] * 2
        assert [status for status, _, _ in await asyncio.gather(*tasks)] == [503] * 5


@in_a_loop
async def test_the_process_says_that_it_lives_also_when_all_places_are_taken() -> None:
    gate = Gate()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await (an_answer() if scope["path"] == "/healthz" else gate)(scope, receive, send)

    limited = admitted(app, max_concurrent_requests=1)
    async with held(limited, gate, 1):
        assert (await ask(limited, "/healthz"))[0] == 200
        assert (await ask(limited, "/readyz"))[0] == 503


@in_a_loop
async def test_a_slow_body_takes_no_place() -> None:
    app = admitted(an_answer(), max_concurrent_requests=1, request_timeout_seconds=10)
    arrived = asyncio.Event()

    async def slow() -> Message:
        await arrived.wait()
        return {"type": "http.request", "body": b"{}", "more_body": False}

    length = [(b"content-length", b"2")]
    waiting = [asyncio.create_task(ask(app, headers=length, receive=slow)) for _ in range(5)]
    await asyncio.sleep(0.01)
    assert (await ask(app))[0] == 200
    arrived.set()
    assert {answer[0] for answer in await asyncio.gather(*waiting)} <= {200, 503}


@in_a_loop
async def test_a_place_must_be_free_when_a_slow_body_is_there() -> None:
    gate = Gate()
    errors: list[tuple[int, str]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/held":
            await gate(scope, receive, send)
            return
        try:
            await receive()
        except Exception as error:  # noqa: BLE001 - what FastAPI would let through
            errors.append((error.status_code, error.headers["Retry-After"]))  # type: ignore[attr-defined]  # an HTTPException
        await an_answer()(scope, body_of(b""), send)

    limited = admitted(app, max_concurrent_requests=1)
    arrived = asyncio.Event()

    async def slow() -> Message:
        await arrived.wait()
        return {"type": "http.request", "body": b"{}", "more_body": False}

    length = [(b"content-length", b"2")]
    late = asyncio.create_task(ask(limited, headers=length, receive=slow))
    await asyncio.sleep(0.01)
    holder = asyncio.create_task(ask(limited, "/held"))
    await asyncio.sleep(0.01)
    assert gate.entered == 1
    arrived.set()
    await late
    assert errors == [(503, "1")]
    gate.open.set()
    assert (await holder)[0] == 200


@in_a_loop
async def test_a_body_that_is_too_large_is_refused_before_it_is_read() -> None:
    app = admitted(an_answer(), max_body_bytes=1024)
    answer = await ask(app, headers=[(b"content-length", b"1025")], receive=silence)
    assert answer[0] == 413
    problem_of(answer)
    exact = [(b"content-length", b"1024")]
    assert (await ask(app, headers=exact, receive=body_of(b"x" * 1024)))[0] == 200


@in_a_loop
async def test_a_body_of_unknown_length_is_measured_as_it_comes() -> None:
    app = admitted(an_answer(), max_body_bytes=1024)
    chunked = [(b"transfer-encoding", b"chunked")]
    parts = body_of(b"x" * 1000, b"x" * 25)
    # Within FastAPI this becomes a 413; here nothing translates it.
    assert (await ask(app, headers=chunked, receive=parts))[0] == 500
    assert (await ask(app, headers=chunked, receive=body_of(b"x" * 1000, b"x" * 24)))[0] == 200


@in_a_loop
async def test_the_request_id_is_known_while_the_request_is_worked_on() -> None:
    seen: list[bytes | None] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(current_request_id.get())
        await an_answer()(scope, receive, send)

    _, headers, _ = await ask(admitted(app), headers=[(b"x-request-id", b"abc-1")])
    assert headers["x-request-id"] == "abc-1"
    _, other, _ = await ask(admitted(app))
    assert seen == [b"abc-1", other["x-request-id"].encode()]
    assert current_request_id.get() is None


@in_a_loop
async def test_answers_made_beforehand_are_not_changed_by_a_request() -> None:
    app = admitted(an_answer(), max_body_bytes=1024)
    large = [(b"content-length", b"9999")]
    first, second = await ask(app, headers=large), await ask(app, headers=large)
    assert first[1]["x-request-id"] != second[1]["x-request-id"]
    assert len(first[1]) == len(second[1])
