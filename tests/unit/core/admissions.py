"""An admission in front of small applications, and requests to it."""

import asyncio
import functools
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from pydantic import SecretStr
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.core.admission import Admission
from backend.core.settings import Settings
from backend.core.writes import Writes

Answer = tuple[int, dict[str, str], bytes]


def settings_with(**options: Any) -> Settings:
    """Settings that are the defaults but for these."""
    return Settings.model_construct(**{"secret_key": SecretStr("x" * 32), **options})


def admitted(app: ASGIApp, writes: Writes | None = None, **options: Any) -> Admission:
    """The application behind an admission with the given settings."""
    settings = settings_with(**options)
    return Admission(app, settings=settings, writes=writes or Writes(settings))


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
    method: str = "POST",
) -> Answer:
    """Send one request; give the status, the headers and the body of its answer."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": headers or []}
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
