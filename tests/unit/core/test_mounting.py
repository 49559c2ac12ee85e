"""The routes of a module are made once, and serve each application as if they were its own."""

from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, HTTPException
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from starlette.types import Receive, Scope, Send

from backend.core.mounting import mounted, served_by


def name() -> str:
    return "its own"


@pytest.fixture
def router() -> APIRouter:
    """A router with a route that says what its dependency is."""
    router = APIRouter()

    @router.get("/name")
    def show(of: Annotated[str, Depends(name)]) -> str:
        return of

    return router


def including(app: FastAPI, router: APIRouter) -> TestClient:
    """A client of an application that serves the routes of a router under `/a`."""
    app.router.routes += mounted(app.router, router, "/a")
    routing = app.router.middleware_stack

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        with served_by(app.router):
            await routing(scope, receive, send)

    app.router.middleware_stack = serve
    return TestClient(app)


def test_a_second_application_makes_no_routes(
    router: APIRouter, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    make = APIRoute.get_route_handler

    def counted(route: APIRoute) -> Callable[..., Any]:
        made.append(route.path)
        return make(route)

    monkeypatch.setattr(APIRoute, "get_route_handler", counted)
    for _ in range(2):
        assert including(FastAPI(), router).get("/a/name").json() == "its own"
    assert made == ["/name"]
    router.add_api_route("/more", name)
    made.clear()
    for _ in range(2):
        assert including(FastAPI(), router).get("/a/more").json() == "its own"
    assert made == ["/name", "/more"]


def test_an_override_is_heeded_by_its_application_alone(router: APIRouter) -> None:
    changed, plain = FastAPI(), FastAPI()
    clients = [including(changed, router), including(plain, router)]
    changed.dependency_overrides[name] = lambda: "another"
    assert [client.get("/a/name").json() for client in clients] == ["another", "its own"]
    changed.dependency_overrides.clear()
    assert clients[0].get("/a/name").json() == "its own"


def test_the_options_of_an_application_hold_for_its_routes(router: APIRouter) -> None:
    def refuse() -> None:
        raise HTTPException(418)

    open_, closed = FastAPI(), FastAPI(dependencies=[Depends(refuse)])
    clients = [including(app, router) for app in (open_, closed, FastAPI())]
    assert [client.get("/a/name").status_code for client in clients] == [200, 418, 200]


def test_each_prefix_has_routes_of_its_own(router: APIRouter) -> None:
    app = FastAPI()
    app.router.routes += mounted(app.router, router, "/b")
    client = including(app, router)
    assert [client.get(f"/{one}/name").status_code for one in "abc"] == [200, 200, 404]
