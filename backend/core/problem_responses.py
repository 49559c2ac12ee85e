"""Responses that carry a problem."""

from http import HTTPStatus

from fastapi.responses import JSONResponse

from backend.core.errors import PROBLEM_MEDIA_TYPE, FieldError, Problem, ProblemDetail


def problem_json(
    status: HTTPStatus,
    detail: str,
    errors: list[FieldError] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """An RFC 9457 response."""
    body = ProblemDetail(title=status.phrase, status=status, detail=detail, errors=errors)
    return JSONResponse(
        body.model_dump(exclude_none=True), status, headers, media_type=PROBLEM_MEDIA_TYPE
    )


def problem_response(problem: Problem) -> JSONResponse:
    """The response that a problem is answered with."""
    return problem_json(problem.status, problem.detail, problem.errors, problem.headers)
