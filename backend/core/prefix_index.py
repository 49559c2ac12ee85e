"""Finds the routers that can answer a path by its first segment.

FastAPI compares a request with every route of every included router, in turn. Here a dictionary
leads to the few routers under the path's first segment, so the last module is found as fast as
the first, and an unknown path is refused at once.
"""

import copy
from collections.abc import Iterable
from http import HTTPStatus

from fastapi import APIRouter, HTTPException
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class PrefixIndex:
    """FastAPI's router as an ASGI application, narrowed to the path's first segment.

    It is made when all routers are included, which also builds FastAPI's routes: the first
    request is as fast as the second. HEAD is answered as GET without its body.
    """

    def __init__(self, router: APIRouter) -> None:
        self._router = router
        by_segment: dict[str, list[BaseRoute]] = {}
        for route in router.routes:
            for segment in {_first_segment(path) for path in _paths_of(route)}:
                by_segment.setdefault(segment, []).append(route)
        self._routers = {
            segment: _narrowed(router, routes) for segment, routes in by_segment.items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection as ASGI asks."""
        if scope["type"] == "lifespan":
            await self._router.app(scope, receive, send)
            return
        router = self._routers.get(_first_segment(_path_of(scope)))
        if router is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        if scope["type"] == "http" and scope["method"] == "HEAD":
            await _as_get(router)(scope, receive, send)
        else:
            await router(scope, receive, send)

    def allowed_methods(self, scope: Scope) -> list[str]:
        """Every method that some route answers at the scope's path, sorted."""
        router = self._routers.get(_first_segment(_path_of(scope)))
        methods: set[str] = set()
        for context in iter_route_contexts(router.routes if router else []):
            methods |= {
                method
                for method in context.methods or ()
                if context.matches({**scope, "method": method})[0] == Match.FULL
            }
        return sorted(methods | ({"HEAD"} if "GET" in methods else set()))


def _path_of(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _first_segment(path: str) -> str:
    return path.lstrip("/").split("/", 1)[0]


def _paths_of(route: BaseRoute) -> Iterable[str]:
    paths = [context.path for context in iter_route_contexts([route])]
    return [path for path in paths if path is not None] or [getattr(route, "path", "")]


def _narrowed(router: APIRouter, routes: list[BaseRoute]) -> APIRouter:
    narrowed = copy.copy(router)
    narrowed.routes = routes
    narrowed.middleware_stack = narrowed.app
    return narrowed


def _as_get(app: ASGIApp) -> ASGIApp:
    async def head(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await app({**scope, "method": "GET"}, receive, send_without_body)

    return head
