"""Tries declared operations before FastAPI's own middleware and routing see a request.

What lies between costs a request as much as the lane itself does. Middleware that is added to the
application lies outside of this one, and sees every request.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.core.errors import Problem
from backend.core.prefix_index import PrefixIndex
from backend.core.problem_responses import problem_response


class DeclaredFirst:
    """Answers what a declared operation can; HEAD is answered as GET without its body."""

    def __init__(self, app: ASGIApp, *, index: PrefixIndex) -> None:
        self._app = app
        self._index = index

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection as ASGI asks."""
        if scope["type"] == "http":
            if scope["method"] == "HEAD":
                scope, send = {**scope, "method": "GET"}, _without_body(send)
            attempt = self._index.attempt(scope, receive, send)
            if attempt is not None:
                try:
                    rest = await attempt
                except Problem as problem:
                    await problem_response(problem)(scope, receive, send)
                    return
                if rest is None:
                    return
                receive = rest
        await self._app(scope, receive, send)


def _without_body(send: Send) -> Send:
    async def send_without_body(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_without_body
