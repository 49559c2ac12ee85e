"""Responses that carry a problem."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi.responses import JSONResponse
from pydantic import JsonValue

from backend.core.errors import PROBLEM_MEDIA_TYPE, FieldError, Problem, ProblemDetail


def problem_json(
    status: HTTPStatus,
    detail: str,
    errors: list[FieldError] | None = None,
    headers: dict[str, str] | None = None,
    members: Mapping[str, JsonValue] | None = None,
) -> JSONResponse:
    """An RFC 9457 response."""
    body = ProblemDetail(title=status.phrase, status=status, detail=detail, errors=errors)
    content = {**body.model_dump(exclude_none=True), **(members or {})}
    return JSONResponse(content, status, headers, media_type=PROBLEM_MEDIA_TYPE)


def problem_response(problem: Problem) -> JSONResponse:
    """The response that a problem is answered with."""
    return problem_json(
        problem.status, problem.detail, problem.errors, problem.headers, problem.members
    )


FAILURE = problem_json(HTTPStatus.INTERNAL_SERVER_ERROR, "The server failed; its log says why.")
"""What is said of an exception that nobody expected."""
