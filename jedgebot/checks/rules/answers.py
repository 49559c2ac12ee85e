"""A route says what it answers: the OpenAPI document is made of it, and the body checked by it."""

from http import HTTPStatus
from typing import get_args, get_origin

from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel

from backend.core.schemas import VersionedRead
from jedgebot.checks.boxes.routes import place_of, routes_of
from jedgebot.checks.finding import Problem, Proof, Rule, Seen
from jedgebot.checks.project import Module, Project

_LISTS = (list, tuple, set, frozenset)


def look(project: Project) -> Seen:
    """Each route answers a schema, a file of documented types, or 204.

    POST answers a new row with 201, DELETE with 204.
    """
    count = 0
    for module in project.modules:
        for route in routes_of(module):
            count += 1
            yield from _answer(module, route)
    yield Proof(f"{count} routes read")


def _answer(module: Module, route: APIRoute) -> Seen:
    where = f"{place_of(module, route)} {route.name}"
    status = route.status_code or HTTPStatus.OK
    model = _bare(route.response_model)
    if status == HTTPStatus.NO_CONTENT or (model is None and _is_file(route)):
        return
    if "DELETE" in (route.methods or ()):
        yield Problem(f"{where} deletes, and answers {int(status)}", "give it status_code=204")
    elif model is None:
        yield Problem(
            f"{where} answers {int(status)} and does not say with what",
            "give it response_model=…, or status_code=204",
        )
    elif (get_origin(model) or model) in _LISTS:
        yield Problem(
            f"{where} answers all rows there are, in one body",
            "answer a page: declare a Browse, or use backend.core.paging",
        )
    elif not (isinstance(model, type) and issubclass(model, BaseModel)):
        yield Problem(
            f"{where} answers {_named(model)}, which is no schema",
            "write a ResponseSchema of it in schemas.py",
        )
    elif (
        "POST" in (route.methods or ())
        and issubclass(model, VersionedRead)
        and status != HTTPStatus.CREATED
    ):
        yield Problem(
            f"{where} answers a new row with {int(status)}",
            "give it status_code=201, and the headers Location and ETag",
        )


def _is_file(route: APIRoute) -> bool:
    """Whether it answers a file, and says of which media types."""
    made = getattr(route.response_class, "value", route.response_class)
    documented = route.responses.get(HTTPStatus.OK.value, {}).get("content")
    return isinstance(made, type) and issubclass(made, StreamingResponse) and bool(documented)


def _bare(model: object) -> object:
    """The type without what `Annotated` says of it."""
    return get_args(model)[0] if hasattr(model, "__metadata__") else model


def _named(model: object) -> str:
    return model.__name__ if isinstance(model, type) else str(model)


CHECK = Rule("answers", "Every route says what it answers", look)
