"""The routes that the application serves, so that those of one module are found at once."""

import ast
from collections import defaultdict
from collections.abc import Iterable

from fastapi import FastAPI
from fastapi.routing import RouteContext, iter_route_contexts

from backend.core.modules import ModuleNotLoadable
from backend.core.prefix_index import PrefixIndex
from jedgebot.checks.loading import Unusable, attempted
from jedgebot.checks.project import Module, Project

MAIN = "backend/main.py"


class Serving:
    """Every route, by the first segment of its path; those under one are made when asked for.

    Args:
        app: the application.
    """

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self._index: PrefixIndex = app.state.prefix_index
        self._by_route: dict[int, list[RouteContext]] = defaultdict(list)
        self._by_segment: dict[str, list[RouteContext]] = {}

    def load(self, package: str) -> None:
        """Make the routes of a package, and what stands beside them.

        Raises:
            ModuleNotLoadable: a module cannot be used.
        """
        for segment in self._index.segments_of(package):
            self.starting(segment)

    def contexts_of(self, routes: Iterable[object]) -> list[RouteContext]:
        """Where the routes of a router are served."""
        return [context for route in routes for context in self._by_route.get(id(route), ())]

    def endpoints_of(self, routes: Iterable[object]) -> list[str]:
        """The endpoints of the routes of a router, sorted by path."""
        contexts = self.contexts_of(routes)
        endpoints = {one for context in contexts for one in _endpoints(context)}
        return sorted(endpoints, key=lambda one: one.partition(" ")[::-1])

    def starting(self, segment: str) -> list[RouteContext]:
        """The routes that may answer a path of this first segment, in the order of their turn.

        Raises:
            ModuleNotLoadable: a module cannot be used.
        """
        if segment not in self._by_segment:
            contexts = list(iter_route_contexts(self._index.routes_under(segment)))
            self._by_segment[segment] = contexts
            for context in contexts:
                self._by_route[id(context.original_route)].append(context)
        return self._by_segment[segment]

    def serves(self, endpoint: str) -> bool:
        """Whether there is an endpoint, such as `GET /portfolios/{portfolio_id}`."""
        segment = first_segment(endpoint.partition(" ")[2])
        try:
            return any(endpoint in _endpoints(context) for context in self.starting(segment))
        except ModuleNotLoadable:
            return False


def _endpoints(context: RouteContext) -> list[str]:
    return [f"{method} {context.path_format}" for method in context.methods or ()]


def serving(project: Project, module: Module) -> Serving | Unusable:
    """What the application serves; the routes of the module are made."""
    found = project.once(_serving)
    if isinstance(found, Unusable):
        return found
    loaded = attempted(project.root, lambda: found.load(module.package))
    return loaded if isinstance(loaded, Unusable) else found


def _serving(project: Project) -> Serving | Unusable:
    app = project.application
    return app if isinstance(app, Unusable) else Serving(app)


def first_segment(path: str) -> str:
    """What stands before the second slash of a path."""
    return path.lstrip("/").split("/", 1)[0]


def named_at(project: Project, module: Module) -> list[str]:
    """Where `backend/main.py` names the module: file and line."""
    return project.once(_named).get(module.package, [])


def _named(project: Project) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    source = project.source(MAIN)
    for call in source.calls if source is not None else ():
        named = [*call.args[:1], *(one.value for one in call.keywords if one.arg == "name")]
        if source is not None and source.dotted(call.func) == "backend.core.modules.Module":
            for name in named:
                if isinstance(name, ast.Constant):
                    found[str(name.value)].append(source.at(call))
    return found
