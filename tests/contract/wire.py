"""Requests and answers as they are on the wire: ASGI without a client between."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fastapi import FastAPI
from starlette.types import Message

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Request:
    """A request.

    Attributes:
        path: without a query.
        headers: byte for byte, in their order.
        parts: the body, in the parts that it arrives in.
        query: without `?`.
    """

    method: str
    path: str
    headers: Headers = ()
    parts: Sequence[bytes] = (b"",)
    query: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What came back, but for the request's id.

    Attributes:
        by_lane: whether the lane gave it.
    """

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    by_lane: bool = field(default=False, compare=False)

    def header(self, name: str) -> str:
        """The value of a header that is there once."""
        (value,) = [value for key, value in self.headers if key == name.encode()]
        return value.decode("latin-1")


def answer_of(app: FastAPI, request: Request) -> Answer:
    """Send a request to a running application."""
    waiting = [
        {"type": "http.request", "body": part, "more_body": number < len(request.parts)}
        for number, part in enumerate(request.parts, start=1)
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": request.path,
        "raw_path": request.path.encode(),
        "query_string": request.query,
        "root_path": "",
        "headers": list(request.headers),
        "client": ("127.0.0.1", 50000),
        "server": ("test", 80),
        "state": {},
    }
    app.state.portal.call(app, scope, receive, send)
    start, *bodies = sent
    kept = tuple((name, value) for name, value in start["headers"] if name != b"x-request-id")
    return Answer(start["status"], kept, b"".join(one.get("body", b"") for one in bodies))
