"""Box 7: the application serves the module's routes."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from uuid import UUID

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext
from starlette.convertors import Convertor
from starlette.routing import Match

from jedgebot.checks.asking import is_secured, status_of
from jedgebot.checks.boxes.routes import place_of, route_name, routes_of
from jedgebot.checks.finding import Box, Problem, Proof, Seen
from jedgebot.checks.loading import Unusable
from jedgebot.checks.project import Module, Project
from jedgebot.checks.serving import MAIN, first_segment, named_at, serving

_SAMPLES = ("a-value", "1", "1.5", str(UUID(int=1)))


def look(project: Project, module: Module) -> Seen:
    """`create_app()` serves each route of the module's router; none is behind another one."""
    served = serving(project, module)
    if isinstance(served, Unusable):
        yield Problem(f"the application cannot be made: {served}", "mend that line")
        return
    routes = routes_of(module)
    if not routes:
        yield Problem("there is no route to mount", "see the box Routes")
        return
    mounted = served.contexts_of(routes)
    lines = named_at(project, module)
    if not mounted and not lines:
        yield Problem(
            f"{MAIN} does not name {module.package}, so none of its routes is served",
            f'add to MODULES: Module("{module.package}", prefix="/{module.name}")',
        )
        return
    for route in routes:
        if not any(context.original_route is route for context in mounted):
            yield Problem(
                f"{_where(module, route)} is not served",
                "let create_app serve all of MODULES",
            )
    rivals = {segment: served.starting(segment) for segment in map(_segment_of, mounted)}
    hidden = [one for context in mounted for one in _hidden(module, context, rivals)]
    yield from hidden
    paths = sorted({context.path for context in mounted if context.path is not None})
    yield Proof(f"{', '.join(lines) or MAIN} mounts {', '.join(paths)}")
    if not hidden:  # another route would be asked, which may need no token
        yield from _refused(module, served.app, mounted)


def _refused(module: Module, app: FastAPI, mounted: list[RouteContext]) -> Seen:
    """Without a token each route that wants one answers 401."""
    refused = []
    for context in mounted:
        route = context.original_route
        for method in sorted(context.methods or ()):
            if not isinstance(route, APIRoute) or not is_secured(route):
                continue
            status = status_of(app, method, _sample_path(context))
            refused.append(f"{method} {context.path}")
            if status != HTTPStatus.UNAUTHORIZED:
                yield Problem(
                    f"{method} {context.path} ({_where(module, route)}) answers {status} without "
                    "a token, not 401",
                    "let the token be the first thing that the route asks for",
                )
    if refused:
        yield Proof(f"401 without a token: {', '.join(refused)}")


def _hidden(
    module: Module, context: RouteContext, rivals: dict[str, list[RouteContext]]
) -> Iterator[Problem]:
    path = _sample_path(context)
    for method in sorted(context.methods or ()):
        scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
        first = next(
            (
                other
                for other in rivals[_segment_of(context)]
                if other.matches(dict(scope))[0] == Match.FULL
            ),
            context,
        )
        if first.original_route is not context.original_route:
            yield Problem(
                f"{method} {context.path} ({_where(module, context.original_route)}) is "
                f"answered by {first.path} ({first.name}), which is mounted before it",
                "give the parameter a type, such as {user_id:uuid}, or mount it later",
            )


def _where(module: Module, route: object) -> str:
    if not isinstance(route, APIRoute):
        return module.folder
    return f"{place_of(module, route)} {route_name(route)}"


def _sample_path(context: RouteContext) -> str:
    """The path with a value for each parameter that its type takes."""
    path = context.path_format or ""
    convertors: dict[str, Convertor[object]] = getattr(context, "param_convertors", {})
    for name, convertor in convertors.items():
        path = path.replace(f"{{{name}}}", _sample(convertor))
    return path


def _sample(convertor: Convertor[object]) -> str:
    fitting = (value for value in _SAMPLES if re.fullmatch(convertor.regex, value))
    return next(fitting, _SAMPLES[0])


def _segment_of(context: RouteContext) -> str:
    return first_segment(_sample_path(context))


CHECK = Box("mounted", "Mounted", look)
