"""Routes that answer most requests themselves, before FastAPI's routing."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

from fastapi import APIRouter
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.routing import Mount, compile_path
from starlette.types import Receive, Scope, Send

PathParameters: TypeAlias = dict[str, Any]  # Any: of the types that the path's convertors give
Attempt: TypeAlias = Callable[[Scope, Receive, Send, PathParameters], Awaitable[Receive | None]]
"""Answers a request and returns None, or leaves it to FastAPI.

In the latter case it has sent nothing, and returns what to receive the request from.
"""

_Found: TypeAlias = tuple[Attempt, PathParameters] | None


@runtime_checkable
class SupportsAttempt(Protocol):
    """A route that can be tried before FastAPI's routing; not if `attempt` is None."""

    attempt: Attempt | None


@runtime_checkable
class SupportsOutlines(Protocol):
    """A router that can tell what its routes answer without making them."""

    def outlines(self) -> "list[RouteOutline]":
        """What its routes answer, in their order."""


@dataclass(frozen=True)
class RouteOutline:
    """What a route answers.

    Attributes:
        path: with its parameters in braces.
        methods: None for all of them.
        attempt: tries to answer before FastAPI does; None if there is no such thing.
    """

    path: str
    methods: frozenset[str] | None
    attempt: Attempt | None

    def under(self, prefix: str) -> "RouteOutline":
        """The route where a router is mounted under a prefix."""
        return RouteOutline(prefix + self.path, self.methods, self.attempt)


def outlines_of(router: APIRouter) -> list[RouteOutline]:
    """What the routes of a router answer, in their order."""
    if isinstance(router, SupportsOutlines):
        return router.outlines()
    return [outline_of(context) for context in iter_route_contexts(router.routes)]


def outline_of(context: RouteContext) -> RouteOutline:
    """The outline of a route that is made."""
    route = context.original_route
    methods = context.methods
    return RouteOutline(
        f"{context.path}/{{path:path}}" if isinstance(route, Mount) else context.path or "",
        None if methods is None else frozenset(methods),
        route.attempt if isinstance(route, SupportsAttempt) else None,
    )


class DeclaredRoutes:
    """Finds the declared route that FastAPI's routing would find.

    Args:
        outlines: of all routes, in FastAPI's order: one that comes before a declared route and
            answers the same path keeps it.
    """

    def __init__(self, outlines: Iterable[RouteOutline] = ()) -> None:
        # A host has no path, and no place in an index of paths.
        routes = [_Route(outline) for outline in outlines if outline.path.startswith("/")]
        declared = [route for route in routes if route.attempt is not None]
        self._by_method = {
            method: _Routes([route for route in routes if route.takes(method)])
            for method in {method for route in declared for method in route.methods or ()}
        }

    def find(self, method: str, path: str) -> _Found:
        """The declared route's `attempt` and the path's parameters; None if there is none."""
        routes = self._by_method.get(method)
        return None if routes is None else routes.find(path)


class _Routes:
    """The routes that take one method, in FastAPI's order."""

    def __init__(self, routes: list["_Route"]) -> None:
        fixed = {route.path for route in routes if route.has_fixed_path}
        # Whatever comes first answers the path, also if it is one with parameters.
        self._fixed = {path: _first(routes, path) for path in fixed}
        self._others = [route for route in routes if not route.has_fixed_path]
        while self._others and self._others[-1].attempt is None:
            self._others.pop()

    def find(self, path: str) -> _Found:
        if path not in self._fixed:
            return _first(self._others, path)
        found = self._fixed[path]
        return None if found is None else (found[0], dict(found[1]))


class _Route:
    """An outline with its path compiled."""

    def __init__(self, outline: RouteOutline) -> None:
        self.path = outline.path
        self.methods = outline.methods
        self.attempt = outline.attempt
        regex, _, convertors = compile_path(outline.path)
        self._match = regex.match
        self._converts = {name: convertor.convert for name, convertor in convertors.items()}

    @property
    def has_fixed_path(self) -> bool:
        return not self._converts

    def takes(self, method: str) -> bool:
        return self.methods is None or method in self.methods

    def match(self, path: str) -> PathParameters | None:
        """The path's parameters; None if it is another path."""
        found = self._match(path)
        if found is None:
            return None
        return {name: self._converts[name](text) for name, text in found.groupdict().items()}


def _first(routes: Iterable[_Route], path: str) -> _Found:
    for route in routes:
        parameters = route.match(path)
        if parameters is not None:
            return None if route.attempt is None else (route.attempt, parameters)
    return None
