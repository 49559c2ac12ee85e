"""Every error as an RFC 9457 problem; none repeats a value that was sent or why the code failed."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import (
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
)
from sqlalchemy.exc import (
    TimeoutError as PoolTimeoutError,
)
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException

from backend.core.constraints import Kind, fault_of, is_too_deep
from backend.core.database import RequestSession
from backend.core.errors import (
    MOST_FAULTS,
    Conflict,
    DatabaseUnavailable,
    FieldError,
    MissingReference,
    Problem,
    Unprocessable,
)
from backend.core.logs import log
from backend.core.named_databases import metadata_of
from backend.core.prefix_index import PrefixIndex
from backend.core.problem_responses import FAILURE, problem_json, problem_response
from backend.core.settings import MAIN_DATABASE

_DETAILS = {
    HTTPStatus.UNAUTHORIZED: "An access token is needed.",
    HTTPStatus.NOT_FOUND: "There is nothing at this path.",
    HTTPStatus.METHOD_NOT_ALLOWED: "The path does not take this method; see `Allow`.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.BAD_REQUEST: "The body cannot be read.",
}
_FAULTS: dict[Kind, tuple[str, str]] = {
    "unique": ("Another row has this value already.", "is taken"),
    "only": ("You have one already.", "is taken"),
    "referenced": ("Other rows still refer to this one.", "is referred to"),
    "invalid": ("The row breaks a rule of its table.", "breaks a rule"),
}


def add_error_handlers(app: FastAPI) -> None:
    """Make the app answer every error as a problem."""
    app.exception_handler(Problem)(_problem)
    app.exception_handler(HTTPException)(_http_exception)
    app.exception_handler(RequestValidationError)(_invalid_request)
    app.exception_handler(IntegrityError)(_integrity_error)
    app.exception_handler(StaleDataError)(_stale_data)
    app.exception_handler(DataError)(_data_error)
    for unavailable in (OperationalError, InterfaceError, PoolTimeoutError):
        app.exception_handler(unavailable)(_unavailable)
    # Of middleware that was added around admission, which answers all other failures.
    app.exception_handler(Exception)(_failure)


async def _problem(_request: Request, error: Problem) -> JSONResponse:
    return problem_response(error)


async def _http_exception(request: Request, error: HTTPException) -> JSONResponse:
    status = HTTPStatus(error.status_code)
    headers = dict(error.headers or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        index: PrefixIndex = request.app.state.prefix_index
        headers["Allow"] = ", ".join(index.allowed_methods(request.scope))
    return problem_json(status, _DETAILS.get(status, status.description), headers=headers)


async def _invalid_request(_request: Request, error: RequestValidationError) -> JSONResponse:
    faults = [
        FieldError(
            pointer="/".join(str(part) for part in fault["loc"]),
            detail=fault["msg"].removeprefix("Value error, "),
        )
        for fault in error.errors()[:MOST_FAULTS]
    ]
    return problem_json(HTTPStatus.UNPROCESSABLE_ENTITY, "The request is not valid.", errors=faults)


async def _integrity_error(request: Request, error: IntegrityError) -> JSONResponse:
    session: RequestSession | None = getattr(request.state, "session", None)
    database = MAIN_DATABASE if session is None else session.database.name
    fault = fault_of(error, metadata_of(database) or request.app.state.metadata)
    if fault.kind == "missing":
        return problem_response(MissingReference(fault.fields))
    detail, field_detail = _FAULTS[fault.kind]
    errors = [FieldError(pointer=f"body/{name}", detail=field_detail) for name in fault.fields]
    return problem_response(Conflict(detail, errors=errors or None))


async def _stale_data(_request: Request, _error: Exception) -> JSONResponse:
    return problem_response(Conflict("The row was changed by another request at the same time."))


async def _data_error(_request: Request, error: Exception) -> JSONResponse:
    log.warning("the database refused a value", error=type(error).__name__)
    return problem_response(Unprocessable("body", "A value cannot be stored."))


async def _unavailable(_request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, OperationalError) and is_too_deep(error):
        return problem_response(
            Conflict(
                "Too many rows would go with this one, each below another; delete the lowest first."
            )
        )
    log.error("the database did not answer", error=str(error))
    return problem_response(DatabaseUnavailable())


async def _failure(_request: Request, _error: Exception) -> JSONResponse:
    return FAILURE
