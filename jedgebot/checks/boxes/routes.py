"""Box 6: the module has routes, and they delegate: handlers call services, or serve operations."""

import ast

from fastapi.routing import APIRoute

from backend.core.operations import Operation
from backend.core.routing import Router
from backend.core.statements import ROW
from jedgebot.checks.finding import Box, Problem, Proof, Seen
from jedgebot.checks.loading import Unusable
from jedgebot.checks.operations import (
    binds,
    declaration_of,
    declared_anywhere,
    operation_of,
    own_operations,
    statement_of,
)
from jedgebot.checks.project import Module, Project
from jedgebot.checks.source import Function, Source


def routes_of(module: Module) -> list[APIRoute]:
    """The routes of the module's router; none if there is no router."""
    loaded = module.load("routes")
    router = None if isinstance(loaded, Unusable) else getattr(loaded, "router", None)
    routes = router.routes if isinstance(router, Router) else []
    return [route for route in routes if isinstance(route, APIRoute)]


def route_name(route: APIRoute) -> str:
    """The route as one says it: methods, path within its router."""
    return f"{', '.join(sorted(route.methods or ()))} {route.path}"


def place_of(module: Module, route: APIRoute) -> str:
    """Where `routes.py` has the route: file and line, or the file alone if that is not known."""
    found = declaration_of(module, route) if operation_of(route) else _handler_of(module, route)
    return found[0].at(found[1]) if found is not None else f"{module.folder}/routes.py"


def _handler_of(module: Module, route: APIRoute) -> tuple[Source, Function] | None:
    """The function in `routes.py` that answers the route."""
    source = module.source("routes.py")
    node = source.function(route.endpoint.__name__) if source is not None else None
    return (source, node) if source is not None and node is not None else None


def look(project: Project, module: Module) -> Seen:
    """`routes.py` has a router with a route at least, and each route goes through services.

    A handler calls them; a declared route serves an operation of a `services.py`. There is no
    operation that nobody serves or calls.
    """
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
    # The other modules are imported only where a route needs them.
    own = {id(operation) for *_, operation in own_operations(module)}
    for route in routes:
        operation = operation_of(route)
        if operation is None:
            yield from _delegates(module, route)
        else:
            where = f"{place_of(module, route)} {route.name}"
            known = id(operation) in own or id(operation) in declared_anywhere(project)
            if not known:
                yield Problem(
                    f"{where} serves an operation that no services.py has",
                    "declare it in services.py, where one reads what a user may do",
                )
            yield from _takes_its_id(where, operation, has_row_id="{" in route.path)
    yield from _unserved(project, module)
    yield Proof(f"{source.path} has {len(routes)} routes; each calls services")


def _takes_its_id(where: str, operation: Operation, *, has_row_id: bool) -> Seen:
    """The operation's statement takes what the path gives."""
    statement = statement_of(operation)
    takes_row_id = statement is not None and ROW.key in binds(statement)
    if has_row_id and not takes_row_id:
        yield Problem(
            f"{where} takes an id in its path, and its statement chooses no row by it",
            "choose the row: .where(….id == ROW), with ROW of backend.core.statements",
        )
    elif takes_row_id and not has_row_id:
        yield Problem(
            f"{where} chooses a row by its id, and its path has none",
            "add the id to the path, such as /{row_id:uuid}",
        )


def _unserved(project: Project, module: Module) -> Seen:
    # Most are served by the module itself; the rest of the backend is read only for others.
    own = project.narrowed(module).used_names
    for source, node, name, _ in own_operations(module):
        dotted = f"{module.package}.services.{name}"
        if dotted not in own and dotted not in project.used_names:
            yield Problem(
                f"{source.at(node)} {name} is served nowhere",
                "serve it in routes.py: router.declare(…); or take it out",
            )


def _delegates(module: Module, route: APIRoute) -> Seen:
    handler = _handler_of(module, route)
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


def _is_service(dotted: str | None) -> bool:
    match (dotted or "").split("."):
        case ["backend", _, "services", _, *_]:
            return True
    return False


CHECK = Box("routes", "Routes", look)
