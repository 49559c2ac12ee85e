"""In which order a request meets what is around the application."""

import logging
from collections.abc import Callable
from inspect import iscoroutinefunction

import pytest
from fastapi import FastAPI
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.core.prefix_index import PrefixIndex
from backend.core.routing import Router
from backend.core.settings import Settings
from backend.main import create_app
from tests.clients import Client, registered, running

PATH = "/portfolios"


class Noting:
    """Middleware that notes who it is and what is answered."""

    def __init__(self, app: ASGIApp, *, note: Callable[[str], None], name: str) -> None:
        self._app = app
        self._note = note
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._note(f"{self._name}: {scope['method']} {scope['path']} {message['status']}")
            await send(message)

        await self._app(scope, receive, noting)


class Failing:
    """Middleware that has a fault."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            raise RuntimeError("secret detail")
        await self._app(scope, receive, send)


def test_what_is_added_sees_declared_requests_the_last_added_first(settings: Settings) -> None:
    app = create_app(settings)
    noted: list[str] = []
    for name in ("inner", "outer"):
        app.add_middleware(Noting, note=noted.append, name=name)
    with running(app):
        alice = registered(app)
        noted.clear()
        assert alice.get(PATH).status_code == 200
        assert alice.get("/nowhere").status_code == 404
    assert noted == [
        f"inner: GET {PATH} 200",
        f"outer: GET {PATH} 200",
        "inner: GET /nowhere 404",
        "outer: GET /nowhere 404",
    ]


def test_it_finds_what_it_knows_to_wrap(settings: Settings) -> None:
    app = create_app(settings)
    wrapped: list[ASGIApp] = []

    def wrap(inner: ASGIApp) -> ASGIApp:
        wrapped.append(inner)
        return inner

    app.add_middleware(wrap)
    # OpenTelemetry's instrumentation looks for the first; asgiref's for how ASGI 3 is spoken.
    assert isinstance(app.build_middleware_stack(), ServerErrorMiddleware)
    assert all(iscoroutinefunction(type(inner).__call__) for inner in wrapped)
    assert len(wrapped) == 1


def test_a_fault_of_what_is_added_is_answered_and_tells_nothing(settings: Settings) -> None:
    app = create_app(settings)
    app.add_middleware(Failing)
    with running(app):
        answer = Client(app).get(PATH)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text


def test_a_fault_of_an_endpoint_is_logged_once(
    app: FastAPI, visitor: Client, caplog: pytest.LogCaptureFixture
) -> None:
    router = Router()

    @router.get("")
    def fail() -> None:
        raise RuntimeError("secret detail")

    app.include_router(router, prefix="/failing")
    app.state.prefix_index = PrefixIndex(app.router)
    app.router.middleware_stack = app.state.prefix_index
    with caplog.at_level(logging.ERROR):
        answer = visitor.get("/failing")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert len(caplog.records) == 1
