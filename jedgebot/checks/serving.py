"""The routes that the application serves, so that those of one module are found at once."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Sequence

from fastapi import FastAPI
from fastapi.routing import RouteContext

from jedgebot.checks.loading import Unusable
from jedgebot.checks.project import Module, Project

MAIN = "backend/main.py"


class Serving:
    """Every route, in the order in which they are tried.

    Attributes:
        endpoints: method and path of each, such as `GET /portfolios/{portfolio_id}`.
    """

    def __init__(self, app: FastAPI, contexts: Sequence[RouteContext]) -> None:
        self.app = app
        self._by_route: dict[int, list[RouteContext]] = defaultdict(list)
        self._by_segment: dict[str, list[tuple[int, RouteContext]]] = defaultdict(list)
        self._by_parameter: list[tuple[int, RouteContext]] = []
        for turn, context in enumerate(contexts):
            self._by_route[id(context.original_route)].append(context)
            first = first_segment(context.path or "")
            turns = self._by_parameter if "{" in first else self._by_segment[first]
            turns.append((turn, context))
        self.endpoints = frozenset(one for context in contexts for one in _endpoints(context))

    def contexts_of(self, routes: Iterable[object]) -> list[RouteContext]:
        """Where the routes of a router are served."""
        return [context for route in routes for context in self._by_route.get(id(route), ())]

    def endpoints_of(self, routes: Iterable[object]) -> list[str]:
        """The endpoints of the routes of a router, sorted by path."""
        contexts = self.contexts_of(routes)
        endpoints = {one for context in contexts for one in _endpoints(context)}
        return sorted(endpoints, key=lambda one: one.partition(" ")[::-1])

    def starting(self, segment: str) -> list[RouteContext]:
        """The routes that may answer a path of this first segment, in the order of their turn."""
        turns = [*self._by_segment.get(segment, ()), *self._by_parameter]
        return [context for _, context in sorted(turns, key=lambda pair: pair[0])]


def _endpoints(context: RouteContext) -> list[str]:
    return [f"{method} {context.path_format}" for method in context.methods or ()]


def serving(project: Project) -> Serving | Unusable:
    """What the application serves."""
    return project.once(_serving)


def _serving(project: Project) -> Serving | Unusable:
    served = project.served
    return served if isinstance(served, Unusable) else Serving(served.app, served.contexts)


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
