"""Errors that a request can end with, as RFC 9457 problem details."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue

PROBLEM_MEDIA_TYPE = "application/problem+json"
MOST_FAULTS = 50


class FieldError(BaseModel):
    """One fault of one part of the request."""

    pointer: str = Field(description="Where: `body/name`, `query/limit`, `header/If-Match`.")
    detail: str


class ProblemDetail(BaseModel):
    """The body of every error (RFC 9457); some have further members that say more."""

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = None


class Problem(Exception):
    """An expected error; the subclass says which status it has.

    Attributes:
        detail: one sentence for the client; it never repeats what the client sent.
        errors: the faults by field, where they are known.
        headers: headers that the answer must carry.
        members: further members of the problem (RFC 9457, section 3.2).
    """

    status: ClassVar[HTTPStatus]

    def __init__(
        self,
        detail: str,
        *,
        errors: list[FieldError] | None = None,
        headers: dict[str, str] | None = None,
        members: Mapping[str, JsonValue] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}
        self.members = members or {}


class BadCredentials(Problem):
    """The request does not prove who sends it."""

    status = HTTPStatus.UNAUTHORIZED

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class NotFound(Problem):
    """There is no such row, or it is not the caller's."""

    status = HTTPStatus.NOT_FOUND


class Conflict(Problem):
    """The row clashes with one that is there."""

    status = HTTPStatus.CONFLICT


class MissingReference(Conflict):
    """The row refers to rows that are not there, or not the caller's; `fields` do."""

    def __init__(self, fields: Iterable[str]) -> None:
        detail = "refers to no row that is there for you"
        errors = [FieldError(pointer=f"body/{name}", detail=detail) for name in fields]
        super().__init__("The row that is referred to does not exist.", errors=errors or None)


class PreconditionFailed(Problem):
    """If-Match names another version than the present one."""

    status = HTTPStatus.PRECONDITION_FAILED


class PayloadTooLarge(Problem):
    """The body is larger than the application takes."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE

    def __init__(self) -> None:
        super().__init__("The body is too large.")


class UnsupportedMediaType(Problem):
    """The body is not of the media type that the operation takes."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class Unprocessable(Problem):
    """The request is well-formed, but a value in it cannot be used."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(
            "The request is not valid.", errors=[FieldError(pointer=pointer, detail=detail)]
        )


class InvalidRequest(Unprocessable):
    """Several values of the request cannot be used; the first `MOST_FAULTS` are named."""

    def __init__(self, errors: list[FieldError]) -> None:
        Problem.__init__(self, "The request is not valid.", errors=errors[:MOST_FAULTS])


class TooManyRequests(Problem):
    """A limit is reached; Retry-After says in how many seconds to come back."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, detail: str, retry_after_seconds: int) -> None:
        super().__init__(detail, headers={"Retry-After": str(max(1, retry_after_seconds))})


class ServiceUnavailable(Problem):
    """The server cannot answer at present."""

    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"Retry-After": "1"})


class DatabaseUnavailable(ServiceUnavailable):
    """The database does not answer, or not in time."""

    def __init__(self) -> None:
        super().__init__("The database cannot be reached, or is too busy.")
