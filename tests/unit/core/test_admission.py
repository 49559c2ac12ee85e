"""What every request passes first: its name, its place, its time, and the size of its body."""

import asyncio
import functools
import json
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.core import admission
from backend.core.admission import Admission
from backend.core.logs import configure_logs, current_request_id
from backend.core.settings import Settings

Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture(autouse=True)
def _swift_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "SWEEP_SECONDS", 0.02)


def admitted(app: ASGIApp, **options: Any) -> Admission:
    """The application behind an admission with the given settings."""
    defaults = {"secret_key": SecretStr("x" * 32)}
    return Admission(app, settings=Settings.model_construct(**{**defaults, **options}))


def an_answer(status: int = 200) -> ASGIApp:
    """An application that reads the body and gives a short answer."""

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body", False):
            pass
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    return app


class Gate:
    """An application whose requests stay until they are let go."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.entered = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.entered += 1
        await self.open.wait()
        await an_answer()(scope, receive, send)


def body_of(*parts: bytes) -> Receive:
    """A client that has sent its body in these parts."""
    waiting = list(parts)

    async def receive() -> Message:
        body = waiting.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(waiting)}

    return receive


async def silence() -> Message:
    """A client that sends nothing more."""
    await asyncio.Event().wait()
    raise AssertionError


async def ask(
    app: ASGIApp,
    path: str = "/x",
    headers: list[tuple[bytes, bytes]] | None = None,
    receive: Receive | None = None,
) -> Answer:
    """Send one request; give the status, the headers and the body of its answer."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "headers": headers or []}
    await app(scope, receive or body_of(b""), send)
    start = sent[0]
    found = {name.decode(): value.decode() for name, value in start["headers"]}
    assert len(found) == len(start["headers"])
    return start["status"], found, b"".join(message["body"] for message in sent[1:])


def problem_of(answer: Answer) -> dict[str, object]:
    status, headers, body = answer
    assert headers["content-type"] == "application/problem+json"
    assert len(headers["x-request-id"]) >= 8
    problem: dict[str, object] = json.loads(body)
    assert problem["status"] == status
    return problem


def in_a_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an async test."""

    @functools.wraps(test)
    def run(*arguments: Any, **options: Any) -> None:
        asyncio.run(asyncio.wait_for(test(*arguments, **options), 20))

    return run


@asynccontextmanager
async def held(app: ASGIApp, gate: Gate, count: int) -> AsyncIterator[list[asyncio.Task[Answer]]]:
    """Requests that hold a place each as long as the gate is shut."""
    tasks = [asyncio.create_task(ask(app)) for _ in range(count)]
    await asyncio.sleep(0.01)
    assert gate.entered == count
    yield tasks
    gate.open.set()
    for status, _, _ in await asyncio.gather(*tasks):
        assert status == 200


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


class TestLog:
    """Which requests are logged."""

    @pytest.fixture(autouse=True)
    def _logs(self) -> None:
        configure_logs("info")

    @staticmethod
    def logged(caplog: pytest.LogCaptureFixture, app: ASGIApp, count: int) -> list[dict[str, Any]]:
        async def all_at_once() -> None:
            await asyncio.gather(*(ask(app) for _ in range(count)))

        with caplog.at_level(logging.INFO):
            asyncio.run(all_at_once())
        events = [record.msg for record in caplog.records]
        return [event for event in events if isinstance(event, dict)]

    @pytest.mark.parametrize(
        ("share", "least", "most"), [(0, 0, 0), (1, 400, 400), (0.5, 120, 280)]
    )
    def test_a_share_is_logged(
        self, caplog: pytest.LogCaptureFixture, share: float, least: int, most: int
    ) -> None:
        app = admitted(an_answer(), log_requests=share, max_concurrent_requests=1000)
        assert least <= len(self.logged(caplog, app, 400)) <= most

    def test_a_failure_is_always_logged(self, caplog: pytest.LogCaptureFixture) -> None:
        [event] = self.logged(caplog, admitted(an_answer(503), log_requests=0), 1)
        assert event["event"] == "request"
        assert (event["method"], event["path"], event["status"]) == ("POST", "/x", 503)
        assert event["milliseconds"] >= 0
        assert event["request_id"]

    def test_an_exception_is_logged_with_its_request_and_told_to_nobody(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def fail(*_: object) -> None:
            raise RuntimeError("secret")

        app = admitted(fail, log_requests=0)
        failure, request = self.logged(caplog, app, 1)
        assert failure["event"] == "request failed"
        assert failure["request_id"] == request["request_id"]
        assert request["status"] == 500
        assert b"secret" not in asyncio.run(ask(app))[2]

    def test_refusals_are_counted_in_one_line(self, caplog: pytest.LogCaptureFixture) -> None:
        async def overload() -> None:
            gate = Gate()
            app = admitted(gate, max_concurrent_requests=1, log_requests=1)
            async with held(app, gate, 1):
                for _ in range(5):
                    assert (await ask(app))[0] == 503
                await asyncio.sleep(0.05)

        with caplog.at_level(logging.INFO):
            asyncio.run(overload())
        events = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
        [refusals] = [event for event in events if event["event"] == "requests refused"]
        assert refusals["count"] == 5
        assert "request_id" not in refusals
        assert len(events) == 2
