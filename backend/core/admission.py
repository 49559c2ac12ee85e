"""The first of ours that a request meets: it is named, admitted or refused, and given a time.

One pass does all of it, since every request pays for it: the headers are read once, and nothing
is timed request by request: once a second all requests in flight are looked at.
"""

import asyncio
import re
import time
from collections.abc import Iterable, Sequence
from contextvars import Context
from http import HTTPStatus
from random import random

from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send
from uuid_utils import uuid7

from backend.core.exchange import RETRY_AFTER_SECONDS, Exchange, Limits, Places
from backend.core.logs import current_request_id, log
from backend.core.problem_responses import FAILURE, problem_json
from backend.core.settings import Settings
from backend.core.turns import Turns
from backend.core.writes import SAFE_METHODS, Writes

SWEEP_SECONDS = 1.0
REFUSALS_AT_ONCE = 100
"""Refusals in a second that are answered at once."""
REFUSAL_SECONDS = 1.0
"""How long further ones are held back: what Retry-After says."""
_EXEMPT_PATH = "/healthz"
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_READ_HEADERS = frozenset({b"content-length", b"transfer-encoding", b"x-request-id"})
_UNKNOWN_LENGTH = -1
_SERVER_ERROR = HTTPStatus.INTERNAL_SERVER_ERROR.value
_RETRY = {"Retry-After": RETRY_AFTER_SECONDS}
_REFUSED = problem_json(
    HTTPStatus.SERVICE_UNAVAILABLE, "The server has as many requests as it can take.", None, _RETRY
)
_TOO_SLOW = problem_json(
    HTTPStatus.SERVICE_UNAVAILABLE, "The request took too long and was ended.", None, _RETRY
)
_BODY_TOO_SLOW = problem_json(
    HTTPStatus.REQUEST_TIMEOUT,
    "The body did not arrive in time.",
    headers={"Connection": "close"},
)
_TOO_LARGE = problem_json(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large.")


class Admission:
    """Names each request, admits a bounded number at once, and bounds the time of each.

    - The id is the client's X-Request-ID if it is 1 to 64 letters, digits, `.`, `_` or `-`, else
      a new one; it is answered as X-Request-ID and stands in every line logged meanwhile.
    - When all places are taken, the answer is 503; `/healthz` needs no place. Where there are
      many refusals they are held back, so that clients who do not wait before they come again
      cannot take the processor from those who were admitted.
    - Where too many writes wait already, one more is refused in the same way; see `Writes`.
    - Of those admitted some begin in each turn of the event loop, in their order; see `Turns`.
    - A request that takes longer than its time is ended: 408 if its body did not arrive, else
      503. What a thread does for it goes on to its end.
    - A body that is too large is refused with 413, by its Content-Length before it is read.
    - An exception is logged and answered as a 500 that tells nothing of it.
    - An upload, which is a POST to one of the paths `uploads`, has limits of its own.
    - A share of the requests is logged, and each that is answered with 500 or more. Refusals are
      counted and logged once a second, so that they stay cheap.
    """

    def __init__(
        self, app: ASGIApp, *, settings: Settings, writes: Writes, uploads: Sequence[str] = ()
    ) -> None:
        self._app = app
        self._writes = writes
        self._turns = Turns()
        self._limits = Limits(settings.max_body_bytes, settings.request_timeout_seconds)
        self._upload_limits = Limits(settings.max_upload_bytes, settings.upload_timeout_seconds)
        self._uploads = [compile_path(path)[0] for path in uploads]
        self._logged_share = settings.log_requests
        self._places = Places(settings.max_concurrent_requests)
        self._in_flight: dict[Exchange, None] = {}
        self._refused = 0
        self._swept_loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection as ASGI asks."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, body_length = _read(scope["headers"])
        places = self._places
        limits = self._limits_of(scope) if body_length else self._limits
        exchange = Exchange(request_id, receive, send, places, limits)
        if places.taken >= places.limit and scope["path"] != _EXEMPT_PATH:
            await self._refuse(exchange)
        elif body_length > limits.max_body_bytes:
            await _answer(_TOO_LARGE, exchange)
        else:
            await self._admit(scope, exchange.receive if body_length else receive, exchange)

    async def _admit(self, scope: Scope, receive: Receive, exchange: Exchange) -> None:
        """Give the request a place, and its turn."""
        loop = asyncio.get_running_loop()
        exchange.task = asyncio.current_task(loop)
        token = current_request_id.set(exchange.request_id)
        self._places.taken += 1
        self._in_flight[exchange] = None
        if self._swept_loop is not loop:
            self._sweep_soon(loop)
        writes = self._writes
        refused = False
        try:
            if not self._turns.begin(loop):
                await self._turns.wait(loop)
            refused = writes.under_way >= writes.most and scope["method"] not in SAFE_METHODS
            if refused:
                await self._refuse_admitted(exchange)
            else:
                await self._app(scope, receive, exchange.send)
        except Exception:
            log.exception("request failed", method=scope["method"], path=scope["path"])
            if exchange.status:
                raise
            await _answer(FAILURE, exchange)
        except asyncio.CancelledError:
            if not exchange.expired:
                raise
            # Before the answer, which a sweep must not end too.
            del self._in_flight[exchange]
            await _end(exchange)
        finally:
            self._places.taken -= 1
            self._in_flight.pop(exchange, None)
            share = self._logged_share
            is_logged = exchange.status >= _SERVER_ERROR and not refused
            if is_logged or (share and random() < share):  # noqa: S311 - a sample
                _log_request(scope, exchange)
            current_request_id.reset(token)

    async def _refuse(self, exchange: Exchange) -> None:
        self._refused += 1
        if self._refused > REFUSALS_AT_ONCE:
            await asyncio.sleep(REFUSAL_SECONDS)
        await _answer(_REFUSED, exchange)

    async def _refuse_admitted(self, exchange: Exchange) -> None:
        """Refuse one that has a place; it holds none while it is held back."""
        self._places.taken -= 1
        try:
            await self._refuse(exchange)
        finally:
            self._places.taken += 1

    def _limits_of(self, scope: Scope) -> Limits:
        if scope["method"] == "POST":
            for upload in self._uploads:
                if upload.match(scope["path"]):
                    return self._upload_limits
        return self._limits

    def _sweep_soon(self, loop: asyncio.AbstractEventLoop) -> None:
        self._swept_loop = loop
        # A context of its own: what is logged then belongs to no request.
        loop.call_later(SWEEP_SECONDS, self._sweep, context=Context())

    def _sweep(self) -> None:
        """End the requests whose time is over, the eldest first; stop when none is in flight."""
        loop, self._swept_loop = self._swept_loop, None
        now = time.monotonic()
        for exchange in self._in_flight:
            if exchange.started + exchange.seconds <= now:
                exchange.expire()
        if self._refused:
            log.warning("requests refused", count=self._refused)
            self._refused = 0
        if loop is not None and self._in_flight:
            self._sweep_soon(loop)


def _read(headers: Iterable[tuple[bytes, bytes]]) -> tuple[bytes, int]:
    """The request's id, and the length of its body: 0 without one, -1 if no header tells it."""
    request_id = b""
    length = 0
    for name, value in headers:
        if name in _READ_HEADERS:
            if name == b"content-length":
                length = int(value[:20]) if value.isdigit() else _UNKNOWN_LENGTH
            elif name == b"transfer-encoding":
                length = _UNKNOWN_LENGTH
            elif not request_id and _REQUEST_ID.fullmatch(value):
                request_id = value
    return request_id or str(uuid7()).encode(), length


async def _answer(response: Response, exchange: Exchange) -> None:
    """Send an answer that was made beforehand."""
    await exchange.send(
        {
            "type": "http.response.start",
            "status": response.status_code,
            "headers": response.raw_headers,
        }
    )
    await exchange.send({"type": "http.response.body", "body": response.body})


async def _end(exchange: Exchange) -> None:
    """Answer a request whose time is over; one that was answered in part is left so."""
    exchange.forgive()
    if exchange.status:
        log.warning("the answer was not sent in time", status=exchange.status)
    else:
        await _answer(_BODY_TOO_SLOW if exchange.awaits_body else _TOO_SLOW, exchange)


def _log_request(scope: Scope, exchange: Exchange) -> None:
    log.info(
        "request",
        method=scope["method"],
        path=scope["path"],
        status=int(exchange.status) or None,
        milliseconds=round((time.monotonic() - exchange.started) * 1000, 1),
    )
