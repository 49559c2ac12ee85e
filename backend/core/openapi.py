"""What the OpenAPI document says of every operation without its author writing it."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter

from backend.core.errors import PROBLEM_MEDIA_TYPE, ProblemDetail
from backend.core.prefix_index import PrefixIndex
from backend.core.quiet_imports import hide

# FastAPI, which serves no models of Pydantic 1, asks of each route's types whether they are such,
# and would import all of it for that: 1.7 MiB of each worker and 28 ms of its start.
hide("pydantic.v1")

Responses = dict[int | str, dict[str, Any]]  # FastAPI's own type of `responses=`

_DESCRIPTIONS = {
    400: "The request is not valid HTTP, or its body cannot be read.",
    401: "The access token is missing, expired or of an ended session.",
    404: "There is no such row, or it is not the caller's.",
    409: "It clashes with what is there; `errors` names the fields.",
    412: "`If-Match` names another version than the present one.",
    413: "The body is too large.",
    414: "The URL is too long.",
    415: "The body is of another media type.",
    422: "The request is not valid; `errors` names the faults.",
    429: "A limit is reached; come back after `Retry-After` seconds.",
    431: "The headers are too long.",
    503: "The database cannot be reached, or is too busy.",
}


OF_THE_SERVER = (400, 414, 431)
"""Errors that any request can end with before its operation is known."""


@dataclass(frozen=True)
class OperationFacts:
    """What the documented responses follow from."""

    methods: frozenset[str]
    status_code: int
    secured: bool
    has_body: bool
    has_path_parameters: bool
    conditional: bool
    versioned: bool


def problems(*statuses: int) -> Responses:
    """Document errors that an operation can end with."""
    content = {PROBLEM_MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetail"}}}
    return {
        status: {
            "description": _DESCRIPTIONS.get(status, HTTPStatus(status).phrase),
            "content": content,
        }
        for status in statuses
    }


def documented_responses(operation: OperationFacts) -> Responses:
    """Every status that `core` itself can answer for such an operation."""
    statuses = [*OF_THE_SERVER, 422, 503]
    statuses += [401] * operation.secured
    statuses += [413, 415] * operation.has_body
    statuses += [404] * operation.has_path_parameters
    statuses += [409] * bool(operation.methods & {"POST", "PUT", "PATCH", "DELETE"})
    statuses += [412] * operation.conditional
    responses = problems(*sorted(statuses))
    if operation.versioned:
        etag = {"schema": {"type": "string"}, "description": "Version of the row, for `If-Match`."}
        headers = {"ETag": etag}
        if operation.status_code == HTTPStatus.CREATED:
            location = {"schema": {"type": "string"}, "description": "Path of the new row."}
            headers = {**headers, "Location": location}
        responses[operation.status_code] = {"headers": headers}
        if operation.methods & {"GET"}:
            responses[304] = {"description": "`If-None-Match` names the present version."}
    return responses


def complete_openapi(app: FastAPI) -> None:
    """Make the app's OpenAPI document have every module, and the schema that `problems` names.

    Making it raises `ModuleNotLoadable` if a module cannot be imported.
    """
    build = app.openapi

    def complete() -> dict[str, Any]:
        index: PrefixIndex = app.state.prefix_index
        index.load_all()
        document = build()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        if "ProblemDetail" not in schemas:
            template = "#/components/schemas/{model}"
            schema = TypeAdapter(ProblemDetail).json_schema(ref_template=template)
            schemas.update(schema.pop("$defs"))
            schemas["ProblemDetail"] = schema
        return document

    app.openapi = complete  # type: ignore[method-assign]  # FastAPI's documented way
