"""Routes that answer most requests themselves, before FastAPI's routing."""

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol, TypeAlias, runtime_checkable

from fastapi.routing import RouteContext
from starlette.convertors import Convertor
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


class _Route:
    """What is needed of one route to find it."""

    def __init__(self, context: RouteContext) -> None:
        route = context.original_route
        self.attempt = route.attempt if isinstance(route, SupportsAttempt) else None
        self.methods = context.methods
        self.path = context.path or ""
        self._regex: re.Pattern[str] | None = getattr(context, "path_regex", None)
        convertors: dict[str, Convertor[Any]] = getattr(context, "param_convertors", {})
        self._converts = {name: convertor.convert for name, convertor in convertors.items()}

    @property
    def has_fixed_path(self) -> bool:
        return not self._converts

    def takes(self, method: str) -> bool:
        return self.methods is None or method in self.methods

    def match(self, path: str) -> PathParameters | None:
        """The path's parameters; None if it is another path."""
        found = self._regex.match(path) if self._regex is not None else None
        if found is None:
            return None
        return {name: self._converts[name](text) for name, text in found.groupdict().items()}


class _Routes:
    """The routes that take one method, in FastAPI's order."""

    def __init__(self, routes: list[_Route]) -> None:
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

    def __bool__(self) -> bool:
        return bool(self._others) or any(found is not None for found in self._fixed.values())


class DeclaredRoutes:
    """Finds the declared route that FastAPI's routing would find.

    Args:
        contexts: all routes, in FastAPI's order: one that comes before a declared route and
            answers the same path keeps it.
    """

    def __init__(self, contexts: Iterable[RouteContext]) -> None:
        routes = [_Route(context) for context in contexts]
        methods = {
            method
            for route in routes
            if route.attempt is not None
            for method in route.methods or ()
        }
        by_method = {
            method: _Routes([route for route in routes if route.takes(method)])
            for method in methods
        }
        self._by_method = {method: found for method, found in by_method.items() if found}

    def find(self, method: str, path: str) -> _Found:
        """The declared route's `attempt` and the path's parameters; None if there is none."""
        routes = self._by_method.get(method)
        return None if routes is None else routes.find(path)


def _first(routes: Iterable[_Route], path: str) -> _Found:
    for route in routes:
        parameters = route.match(path)
        if parameters is not None:
            return None if route.attempt is None else (route.attempt, parameters)
    return None
