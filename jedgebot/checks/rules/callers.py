"""Whose rows a request is about its access token says, and nothing that a client can write."""

from collections.abc import Iterator
from typing import get_args

from fastapi.routing import APIRoute
from pydantic import BaseModel

from backend.core.models import OWNER_COLUMN
from jedgebot.checks.boxes.routes import place_of, routes_of
from jedgebot.checks.finding import Problem, Proof, Rule, Seen
from jedgebot.checks.project import Project

_OWNERS = frozenset({OWNER_COLUMN, "owner_id"})


def look(project: Project) -> Seen:
    """No route takes the owner from its path, its query or its body."""
    count = 0
    for module in project.modules:
        for route in routes_of(module):
            count += 1
            for place, name in _taken(route):
                if name in _OWNERS:
                    yield Problem(
                        f"{place_of(module, route)} {route.name} takes {name} from its {place}",
                        "take it from the token: the parameter user: CurrentUser, and user.id",
                    )
    yield Proof(f"{count} routes read")


def _taken(route: APIRoute) -> Iterator[tuple[str, str]]:
    dependant = route.dependant
    for place, parameters in (
        ("path", dependant.path_params),
        ("query", dependant.query_params),
        ("headers", dependant.header_params),
    ):
        for parameter in parameters:
            yield place, parameter.name
    for parameter in dependant.body_params:
        annotation = parameter.field_info.annotation
        yield "body", parameter.name
        for kind in (annotation, *get_args(annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from (("body", name) for name in kind.model_fields)


CHECK = Rule("callers", "Only the token says who the caller is", look)
