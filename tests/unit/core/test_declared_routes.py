"""Declared routes are found as FastAPI's routing would find them."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.core import prefix_index
from backend.core.declared import LaneAttempt
from backend.core.declared_first import DeclaredFirst
from backend.core.declared_routes import Attempt, PathParameters, outline_of
from backend.core.modules import Module
from backend.core.prefix_index import PrefixIndex
from backend.core.routing import Router
from backend.user_profiles import services
from backend.user_sessions.dependencies import SESSION_OWNER

ID = UUID("0198f2f0-0000-7000-8000-000000000001")


class Declared(APIRoute):
    """Answers with what it was tried with, unless the path or the body says `plain`."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self.attempt: Attempt | None = self._attempt

    async def _attempt(
        self, scope: Scope, receive: Receive, send: Send, path_parameters: PathParameters
    ) -> Receive | None:
        message = await receive()
        if b"plain" in message["body"] or scope["path"].endswith("plain"):

            async def again() -> Message:
                return message

            return again
        text = f"declared {self.name} {path_parameters!r}"
        await PlainTextResponse(text)(scope, receive, send)
        return None


class Undeclared(Declared):
    """Has the attribute, and nothing in it."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self.attempt = None


def endpoint(name: str) -> Callable[..., Any]:
    async def plain(request: Request) -> PlainTextResponse:
        body = (await request.body()).decode()
        return PlainTextResponse(f"plain {name} {request.path_params!r} {body}")

    plain.__name__ = name
    return plain


def client_of(*routes: tuple[type[APIRoute], str, str], root_path: str = "") -> TestClient:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    for number, (kind, method, path) in enumerate(routes):
        router = APIRouter(route_class=kind)
        name = f"{method.lower()}{number}"
        router.add_api_route(path, endpoint(name), methods=[method])
        app.include_router(router, prefix="/x")
    index = PrefixIndex(app.router)
    app.router.middleware_stack = index
    app.add_middleware(DeclaredFirst, index=index)
    return TestClient(app, root_path=root_path)


@pytest.mark.parametrize(
    ("method", "path", "text"),
    [
        ("GET", "/x", "declared get0 {}"),
        ("POST", "/x", "declared post1 {}"),
        ("GET", f"/x/{ID}", f"declared get2 {{'x_id': {ID!r}}}"),
        ("GET", "/x/7/of/a", "declared get3 {'number': 7, 'name': 'a'}"),
        ("GET", "/x/unknown", None),
        ("GET", "/x/", None),
        ("DELETE", "/x", None),
    ],
)
def test_a_declared_route_is_found_by_path_and_method(
    method: str, path: str, text: str | None
) -> None:
    client = client_of(
        (Declared, "GET", ""),
        (Declared, "POST", ""),
        (Declared, "GET", "/{x_id:uuid}"),
        (Declared, "GET", "/{number:int}/of/{name}"),
    )
    answer = client.request(method, path)
    assert answer.text == text if text else answer.status_code in {404, 405}


@pytest.mark.parametrize("kind", [Declared, APIRoute])
def test_head_is_tried_as_get_without_its_body(kind: type[APIRoute]) -> None:
    client = client_of((kind, "GET", ""), (kind, "GET", "/{x_id:uuid}"))
    for path in ("/x", f"/x/{ID}"):
        answer, head = client.get(path), client.head(path)
        assert head.status_code == 200
        assert head.headers == answer.headers
        assert b"".join(asyncio.run(bodies(client.app, "GET", path))) == answer.content
        assert b"".join(asyncio.run(bodies(client.app, "HEAD", path))) == b""


async def bodies(app: ASGIApp, method: str, path: str) -> list[bytes]:
    """What an application sends; the test client would drop the body of a HEAD itself."""
    sent: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message.get("body", b""))

    scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
    await app({**scope, "query_string": b"", "server": ("test", 80)}, receive, send)
    return sent


def test_what_an_attempt_leaves_is_answered_by_fastapi_with_the_whole_body() -> None:
    client = client_of((Declared, "POST", ""), (Declared, "GET", "/{name}"))
    assert client.post("/x", content=b"some plain body").text == "plain post0 {} some plain body"
    assert client.get("/x/plain").text == "plain get1 {'name': 'plain'} "


@pytest.mark.parametrize(
    ("routes", "path", "text"),
    [
        # What is mounted first answers, as in FastAPI's own routing.
        ([(APIRoute, "/{name}"), (Declared, "/a")], "/x/a", "plain get0"),
        ([(Declared, "/a"), (APIRoute, "/{name}")], "/x/a", "declared get0"),
        ([(Declared, "/a"), (APIRoute, "/{name}")], "/x/b", "plain get1"),
        ([(APIRoute, "/a"), (Declared, "/{name}")], "/x/a", "plain get0"),
        ([(APIRoute, "/a"), (Declared, "/{name}")], "/x/b", "declared get1"),
        ([(Declared, "/{name}"), (Declared, "/a")], "/x/a", "declared get0"),
        ([(APIRoute, "/{n:int}"), (Declared, "/{name}")], "/x/1", "plain get0"),
        ([(APIRoute, "/{n:int}"), (Declared, "/{name}")], "/x/a", "declared get1"),
        ([(Undeclared, "/{name}"), (Declared, "/a")], "/x/a", "plain get0"),
        ([(Undeclared, "/a")], "/x/a", "plain get0"),
    ],
)
def test_a_declared_route_takes_no_path_of_an_earlier_one(
    routes: list[tuple[type[APIRoute], str]], path: str, text: str
) -> None:
    client = client_of(*((kind, "GET", tail) for kind, tail in routes))
    assert client.get(path).text.startswith(text)


def test_an_earlier_route_of_another_method_is_no_rival() -> None:
    client = client_of((APIRoute, "POST", "/{name}"), (Declared, "GET", "/a"))
    assert client.get("/x/a").text == "declared get1 {}"


def test_parameters_are_new_for_each_request() -> None:
    kept: list[PathParameters] = []

    class Keeping(Declared):
        async def _attempt(
            self, scope: Scope, receive: Receive, send: Send, path_parameters: PathParameters
        ) -> Receive | None:
            path_parameters.setdefault("seen", len(kept))
            kept.append(path_parameters)
            return await super()._attempt(scope, receive, send, path_parameters)

    client = client_of((Keeping, "GET", "/a"))
    for number in range(2):
        assert client.get("/x/a").text == f"declared get0 {{'seen': {number}}}"


def test_the_path_is_read_below_the_root_path() -> None:
    client = client_of((Declared, "GET", "/a"), root_path="/api")
    assert client.get("/api/x/a").text == "declared get0 {}"


def test_a_mount_keeps_what_lies_below_it() -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.mount("/x/files", PlainTextResponse("file"))
    router = APIRouter(route_class=Declared)
    router.add_api_route("/{folder}/{name}", endpoint("get"), methods=["GET"])
    app.include_router(router, prefix="/x")
    index = PrefixIndex(app.router)
    app.router.middleware_stack = index
    app.add_middleware(DeclaredFirst, index=index)
    client = TestClient(app)
    assert client.get("/x/files/a").text == "file"
    assert client.get("/x/other/a").text == "declared get {'folder': 'other', 'name': 'a'}"


def profile_router() -> Router:
    router = Router(owner=SESSION_OWNER, prefix="/deep")
    router.declare("GET", "", services.get, name="read", description="Read it.")

    @router.get("/plain")
    def plain() -> None:
        """A plain endpoint."""

    router.declare("DELETE", "/{profile_id:uuid}", services.remove, name="remove", description="X.")
    return router


def test_what_a_router_outlines_is_what_it_makes() -> None:
    router = profile_router()
    outlines = router.outlines()
    assert [(one.path, one.methods) for one in outlines] == [
        ("/deep", frozenset({"GET"})),
        ("/deep/plain", frozenset({"GET"})),
        ("/deep/{profile_id:uuid}", frozenset({"DELETE"})),
    ]
    assert [one.attempt is not None for one in outlines] == [True, False, True]
    assert [outline_of(context) for context in iter_route_contexts(router.routes)] == outlines
    assert router.outlines() == outlines


def test_fastapis_routes_are_made_when_a_request_needs_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(prefix_index, "MODULES_LOADED_AT_START", 0)
    router = profile_router()
    routers = {"/first": APIRouter(), "/x": router}
    monkeypatch.setattr(Module, "load_router", lambda module: routers[module.prefix])

    async def answer(
        _self: object, _scope: Scope, receive: Receive, send: Send, _parameters: PathParameters
    ) -> Receive | None:
        await PlainTextResponse("from the lane")(_scope, receive, send)
        return None

    monkeypatch.setattr(LaneAttempt, "__call__", answer)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    modules = [Module(f"backend{prefix}", prefix=prefix) for prefix in routers]
    index = PrefixIndex(app.router, modules)
    app.router.middleware_stack = index
    app.add_middleware(DeclaredFirst, index=index)
    client = TestClient(app)
    assert client.get("/x/deep").text == "from the lane"
    assert list(iter_route_contexts(app.routes)) == []
    assert client.get("/x/deep/none").status_code == 404
    paths = [context.path for context in iter_route_contexts(app.routes)]
    assert paths == ["/x/deep", "/x/deep/plain", "/x/deep/{profile_id:uuid}"]


def test_a_route_that_cannot_be_made_says_so_each_time() -> None:
    router = profile_router()
    responses: Any = {200: "no description"}
    router.declare(
        "GET", "/wrong", services.get, name="wrong", description="X.", responses=responses
    )
    for _ in range(2):
        with pytest.raises(AssertionError, match="must be a dict"):
            _ = router.routes


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        (services.get, "/{profile_id}"),
        (services.get, "/{profile_id:int}"),
        (services.get, "/{a:uuid}/{b:uuid}"),
        (services.create, "/{profile_id:uuid}"),
    ],
)
def test_a_path_that_the_operation_does_not_understand_is_refused(
    operation: Any, path: str
) -> None:
    with pytest.raises(TypeError, match="the id of the one row"):
        profile_router().declare("GET", path, operation, name="wrong", description="X.")
