"""One request and its answer, as their messages pass."""

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NamedTuple

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Send

RETRY_AFTER_SECONDS = "1"


@dataclass(slots=True)
class Places:
    """How many requests may be worked on at once, and how many are."""

    limit: int
    taken: int = 0


class Limits(NamedTuple):
    """How large the body of a request may be, and how long the request may take."""

    max_body_bytes: int
    seconds: int


class Exchange:
    """What has passed between a client and the application since a request began.

    The application gets `receive` and `send` in place of the server's own.

    Attributes:
        request_id: names the request; answered as X-Request-ID.
        started: when it began, on the clock of `time.monotonic`.
        seconds: how long it may take.
        status: of the answer; 0 as long as none has begun.
        expired: whether its time is over.
        awaits_body: whether the application waits for a part of the body.
        task: works on the request; None until it was admitted.
    """

    __slots__ = (
        "_body_left",
        "_places",
        "_receive",
        "_send",
        "awaits_body",
        "expired",
        "request_id",
        "seconds",
        "started",
        "status",
        "task",
    )

    def __init__(
        self, request_id: bytes, receive: Receive, send: Send, places: Places, limits: Limits
    ) -> None:
        self.request_id = request_id
        self.seconds = limits.seconds
        self.started = time.monotonic()
        self.status = 0
        self.expired = False
        self.awaits_body = False
        self.task: asyncio.Task[Any] | None = None
        self._receive = receive
        self._send = send
        self._places = places
        self._body_left = limits.max_body_bytes

    async def receive(self) -> Message:
        """The next part of the body. A client that is slow to send it takes no place meanwhile.

        Raises:
            HTTPException: 413, the body is too large; 503, all places are taken by now. Of all
                errors only this one passes FastAPI while it reads a body.
        """
        places = self._places
        places.taken -= 1
        self.awaits_body = True
        try:
            message = await self._receive()
        finally:
            places.taken += 1
        self._body_left -= len(message.get("body", b""))
        if self._body_left < 0:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if not message.get("more_body", False):
            self.awaits_body = False
        if places.taken > places.limit:
            raise HTTPException(
                HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": RETRY_AFTER_SECONDS}
            )
        return message

    def send(self, message: Message) -> Awaitable[None]:
        """Send a part of the answer; its start carries the request's id."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message["headers"], (b"x-request-id", self.request_id)]
            message = {**message, "headers": headers}
        return self._send(message)

    def expire(self) -> None:
        """End what the application does for the request."""
        self.expired = True
        if self.task is not None:
            self.task.cancel()

    def forgive(self) -> None:
        """Let the request's task go on after its work was ended, to answer that it was."""
        while self.task is not None and self.task.cancelling():
            self.task.uncancel()
