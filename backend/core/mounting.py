"""The routes of modules under their prefixes: made once in a process, for all its applications.

FastAPI makes the routes of a router anew for each router that includes it, which takes
milliseconds for each route. A server has one application, but tests have one each.
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

Overrides = Mapping[Callable[..., Any], Callable[..., Any]]

_serving: ContextVar[Any] = ContextVar("serving")
# By the identity of the router, which cannot be hashed; the routes keep it alive.
_mounted: dict[int, list[BaseRoute]] = {}


class _OfTheServingApplication:
    """What stands for the application in shared routes: the one that serves the request."""

    @property
    def dependency_overrides(self) -> Overrides:
        """What tests put in the place of dependencies."""
        overrides: Overrides = getattr(_serving.get(None), "dependency_overrides", {})
        return overrides


_PROVIDER = _OfTheServingApplication()


def mounted(host: APIRouter, router: APIRouter, prefix: str) -> list[BaseRoute]:
    """The routes of a router under a prefix, as an application's router would include them.

    Args:
        host: the application's router; its options hold for the routes.
        router: of the module.
        prefix: that its routes begin with.
    """
    including = narrowed(host, [])
    including.dependency_overrides_provider = _PROVIDER
    including.include_router(router, prefix=prefix)
    [included] = including.routes
    known = _mounted.setdefault(id(router), [])
    # All that FastAPI makes the routes of; it looks itself whether the router has new ones.
    same = (one for one in known if _context(one) == _context(included))
    route = next(same, included)
    for _ in iter_route_contexts([route]):
        pass  # made here, and not at the first request
    if route is included:
        known.append(included)
    return [route]


@contextmanager
def served_by(host: APIRouter) -> Iterator[None]:
    """Let shared routes heed the overrides of one application: that of a router."""
    token = _serving.set(host.dependency_overrides_provider)
    try:
        yield
    finally:
        _serving.reset(token)


def narrowed(router: APIRouter, routes: list[BaseRoute]) -> APIRouter:
    """A router of the same options with other routes."""
    narrow = copy.copy(router)
    narrow.routes = routes
    narrow.middleware_stack = narrow.app
    return narrow


def _context(included: BaseRoute) -> object:
    return vars(included)["include_context"]
