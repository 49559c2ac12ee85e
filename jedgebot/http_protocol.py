"""uvicorn's HTTP protocol, with an end to what a slow or hanging client can hold.

uvicorn closes a connection that is idle after an answer, and nothing else: one that sends no
request, or its headers byte by byte, or never reads its answer, stays for ever, and headers may
have any length. Once a second all connections are looked at; a request pays for none of it.
"""

import asyncio
import time
from contextvars import Context
from http import HTTPStatus
from typing import Any, Literal, cast
from weakref import WeakKeyDictionary

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.server import ServerState

from backend.core.problem_responses import problem_json
from jedgebot.joined_writes import JoinedWrites

SWEEP_SECONDS = 1.0
SHUTDOWN_SECONDS = 3.0
MAX_HEAD_BYTES = 65_536
"""Longest request line and headers; also how much more a body may come with than it holds."""

_Wait = tuple[Literal["request", "body", "reading"], RequestResponseCycle | None]


class GuardedProtocol(HttpToolsProtocol):
    """One connection.

    uvicorn's `timeout_keep_alive` is the time, in seconds, that a client has to send the headers
    of its next request, or to read an answer. When the server shuts down, a client that hangs,
    also in the middle of a body, has `SHUTDOWN_SECONDS`. A request line with headers longer than
    `MAX_HEAD_BYTES` is answered with 414 if the URL takes most of it, else with 431.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.url = b""
        self._surplus = 0
        self._waits_for: _Wait | None = None
        self._waits_since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        """Begin to watch the connection."""
        joined = cast("asyncio.Transport", JoinedWrites(transport, self.loop))
        super().connection_made(joined)
        _sweeper_of(self.server_state).watch(self.loop)

    def data_received(self, data: bytes) -> None:
        """Read what the client sent, up to a limit on what is no body."""
        self._surplus += len(data)
        super().data_received(data)
        if self._surplus > MAX_HEAD_BYTES and not self.transport.is_closing():
            if _is_over(self.cycle):
                self._refuse_long_head()
            else:  # A refusal would stand in the place of the answer that is being made.
                self.transport.abort()

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._surplus = 0

    def on_body(self, body: bytes) -> None:
        """Take a part of a body: it pays for its own bytes, and for as many around it."""
        self._surplus = max(0, self._surplus - 2 * len(body))
        super().on_body(body)

    def on_response_complete(self) -> None:
        """Go on with the next request. uvicorn would set a timer here, at each answer."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP as every error is answered."""
        del msg
        # httptools, which counts in 16 bits, does not parse such a URL.
        if len(self.url) >= MAX_HEAD_BYTES:
            self._refuse_long_head()
        else:
            self._refuse(HTTPStatus.BAD_REQUEST, "This is not a valid HTTP request.")

    def _refuse_long_head(self) -> None:
        if len(self.url) > MAX_HEAD_BYTES / 2:
            self._refuse(HTTPStatus.REQUEST_URI_TOO_LONG, "The URL is too long.")
        else:
            status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            self._refuse(status, "The headers are too long.")

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        response = problem_json(status, detail, headers={"Connection": "close"})
        headers = [*self.server_state.default_headers, *response.raw_headers]
        lines = [b"%b: %b\r\n" % header for header in headers]
        self.transport.write(b"".join([STATUS_LINE[status], *lines, b"\r\n", response.body]))
        self.transport.close()

    def shutdown(self) -> None:
        """Finish the request in flight, then close."""
        super().shutdown()
        _sweeper_of(self.server_state).hurry()

    def check(self, now: float, seconds: float, *, ending: bool) -> None:
        """Cut the connection off if it has waited for its client for too long."""
        waits_for = self._wait(ending=ending)
        if waits_for != self._waits_for:
            self._waits_for, self._waits_since = waits_for, now
        elif waits_for is not None and now - self._waits_since >= seconds:
            # Not `close`, which would wait until the client has read what was written.
            self.transport.abort()

    def _wait(self, *, ending: bool) -> _Wait | None:
        """What only the client can bring on; the application bounds the time of a body."""
        cycle = self.cycle
        if self.transport.get_write_buffer_size():
            return "reading", cycle
        if _is_over(cycle):
            return "request", cycle
        return ("body", cycle) if ending and cycle.more_body else None


def _is_over(cycle: RequestResponseCycle | None) -> bool:
    return cycle is None or cycle.response_complete


class _Sweeper:
    """Looks at all connections of a worker, as long as there are any."""

    def __init__(self, state: ServerState) -> None:
        self._connections = state.connections
        self._runs = False
        self._ending = False

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._runs:
            self._runs = True
            loop.call_later(SWEEP_SECONDS, self._sweep, loop, context=Context())

    def hurry(self) -> None:
        self._ending = True

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        self._runs = False
        now = time.monotonic()
        for connection in tuple(self._connections):
            if isinstance(connection, GuardedProtocol):
                limit = float(connection.timeout_keep_alive)
                seconds = min(limit, SHUTDOWN_SECONDS) if self._ending else limit
                connection.check(now, seconds, ending=self._ending)
        if self._connections:
            self.watch(loop)


_sweepers: WeakKeyDictionary[ServerState, _Sweeper] = WeakKeyDictionary()


def _sweeper_of(state: ServerState) -> _Sweeper:
    sweeper = _sweepers.get(state)
    if sweeper is None:
        sweeper = _sweepers[state] = _Sweeper(state)
    return sweeper
