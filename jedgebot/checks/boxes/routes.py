"""Box 6: the module has routes, and they delegate."""

import ast
from collections.abc import Iterator

from fastapi.routing import APIRoute

from backend.core.routing import Router
from jedgebot.checks.finding import Box, Problem, Proof, Seen
from jedgebot.checks.loading import Unusable
from jedgebot.checks.project import Module, Project
from jedgebot.checks.source import Function, Source

_SESSION = "backend.core.database.DbSession"


def routes_of(module: Module) -> list[APIRoute]:
    """The routes of the module's router; none if there is no router."""
    loaded = module.load("routes")
    router = None if isinstance(loaded, Unusable) else getattr(loaded, "router", None)
    routes = router.routes if isinstance(router, Router) else []
    return [route for route in routes if isinstance(route, APIRoute)]


def route_name(route: APIRoute) -> str:
    """The route as one says it: methods, path within its router."""
    return f"{', '.join(sorted(route.methods or ()))} {route.path}"


def handler_of(module: Module, route: APIRoute) -> tuple[Source, Function] | None:
    """The function in `routes.py` that answers the route."""
    source = module.source("routes.py")
    node = source.function(route.endpoint.__name__) if source is not None else None
    return (source, node) if source is not None and node is not None else None


def look(_project: Project, module: Module) -> Seen:
    """`routes.py` has a router with a route at least, and each handler calls services."""
    source = module.source("routes.py")
    if source is None:
        yield Problem(f"{module.folder}/routes.py does not exist", "write its router there")
        return
    loaded = module.load("routes")
    if isinstance(loaded, Unusable):
        yield Problem(f"{module.package}.routes cannot be imported: {loaded}", "mend that line")
        return
    router = getattr(loaded, "router", None)
    if not isinstance(router, Router):
        yield Problem(
            f"{source.path} has no router of backend.core.routing.Router",
            f'add to it: router = Router(tags=["{module.name}"])',
        )
        return
    routes = routes_of(module)
    if not routes:
        yield Problem(f"the router of {source.path} has no route", "write a handler for it")
        return
    for route in routes:
        yield from _delegates(module, route)
    yield Proof(f"{source.path} has {len(routes)} routes; each calls services")


def _delegates(module: Module, route: APIRoute) -> Seen:
    handler = handler_of(module, route)
    if handler is None:
        return
    source, function = handler
    where = f"{source.at(function)} {function.name}"
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    if not any(_is_service(source.dotted(call.func)) for call in calls):
        yield Problem(
            f"{where} calls no service",
            "move what it does to a function in services.py, and call that",
        )
    sessions = set(_sessions(source, function))
    for call in calls:
        target = call.func
        if isinstance(target, ast.Attribute) and source.dotted(target.value) in sessions:
            yield Problem(
                f"{source.at(call)} {function.name} uses the session itself",
                "move the statement to queries.py, and call it through services.py",
            )


def _is_service(dotted: str | None) -> bool:
    match (dotted or "").split("."):
        case ["backend", _, "services", _, *_]:
            return True
    return False


def _sessions(source: Source, function: Function) -> Iterator[str]:
    for argument in [*function.args.args, *function.args.kwonlyargs]:
        annotation = argument.annotation
        if annotation is not None and source.dotted(annotation) == _SESSION:
            yield argument.arg


CHECK = Box("routes", "Routes", look)
