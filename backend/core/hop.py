"""One hop per request: begin, endpoint, response model to bytes, commit, on one thread.

A sync endpoint with FastAPI's own route class costs four hops (dependency, endpoint, response
validation, dependency again) and deadlocks when the pool has fewer connections than there are
threads: those who hold a connection wait for a thread that those who wait for a connection hold.
"""

import inspect
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from pydantic import TypeAdapter

from backend.core.conditional import etag_of, is_versioned, matches
from backend.core.database import RequestSession, session_of_request
from backend.core.idempotency import Claim
from backend.core.query_parameters import is_from_query
from backend.core.writes import SAFE_METHODS

KEYWORD_ONLY = inspect.Parameter.KEYWORD_ONLY
Endpoint = Callable[..., Any]  # Any: an endpoint has the signature it likes

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[!-~]+$",
        description="Sent again with the same request, it gives the first answer again.",
    ),
]


@dataclass(frozen=True)
class Hop:
    """What one hop works with."""

    request: Request
    response: Response
    session: RequestSession


async def get_hop(request: Request, response: Response) -> Hop:
    """Gather what the hop works with, once the endpoint has its session if it takes one."""
    session: RequestSession | None = getattr(request.state, "session", None)
    return Hop(request, response, session or session_of_request(request))


def in_one_hop(
    endpoint: Endpoint, response_model: Any, status_code: int, *, idempotent: bool
) -> Endpoint:
    """Make of a sync endpoint an async one that does all its work in one hop.

    With `idempotent` it takes an Idempotency-Key.
    """
    signature = inspect.signature(endpoint, eval_str=True)
    model = signature.return_annotation if response_model is None else response_model
    has_model = model not in (None, inspect.Signature.empty)
    adapter: TypeAdapter[Any] | None = TypeAdapter(model) if has_model else None

    async def hop_endpoint(
        *, hop: Hop, idempotency_key: str | None = None, **arguments: Any
    ) -> Response:
        session = hop.session
        claim: Claim | None = None
        if idempotency_key is not None:
            claim = Claim.of(hop.request, idempotency_key, await hop.request.body())

        def transact() -> Response:
            with closing(session), session.begin():
                if session.access.preconditions:
                    session.connection()
                if claim is not None and (kept := claim.take(session)) is not None:
                    return kept
                answer = _answer(hop, adapter, endpoint(**arguments), status_code)
                if claim is not None:
                    claim.keep(session, answer)
                return answer

        writing = hop.request.method not in SAFE_METHODS
        return await session.database.run(transact, writing=writing)

    parameters = [parameter.replace(kind=KEYWORD_ONLY) for parameter in _last_the_query(signature)]
    parameters.append(_keyword_only("hop", HopDependency))
    if idempotent:
        parameters.append(_keyword_only("idempotency_key", IdempotencyKey, default=None))
    hop_endpoint.__name__ = endpoint.__name__
    hop_endpoint.__doc__ = endpoint.__doc__
    hop_endpoint.__module__ = endpoint.__module__
    hop_endpoint.__signature__ = signature.replace(  # type: ignore[attr-defined]  # read by FastAPI
        parameters=parameters, return_annotation=model if has_model else None
    )
    return hop_endpoint


HopDependency = Annotated[Hop, Depends(get_hop)]


def _keyword_only(
    name: str, annotation: Any, default: Any = inspect.Parameter.empty
) -> inspect.Parameter:
    return inspect.Parameter(name, KEYWORD_ONLY, annotation=annotation, default=default)


def _last_the_query(signature: inspect.Signature) -> list[inspect.Parameter]:
    """The parameters in the order that FastAPI solves them: who sends the request comes first."""
    return sorted(signature.parameters.values(), key=lambda one: is_from_query(one.annotation))


def _answer(
    hop: Hop, adapter: TypeAdapter[Any] | None, result: object, status_code: int
) -> Response:
    """The response to what the endpoint returned, with its ETag and Location."""
    if isinstance(result, Response):
        return result
    if adapter is None:
        answer = Response(status_code=status_code)
    else:
        included = getattr(hop.request.state, "included", None)
        valid = adapter.validate_python(result, from_attributes=True)
        body = adapter.dump_json(valid, by_alias=True, include=included)
        answer = Response(body, status_code=status_code, media_type="application/json")
    if is_versioned(result):
        answer.headers["ETag"] = etag_of(result)
        condition = hop.request.headers.get("if-none-match")
        if (
            condition
            and hop.request.method in SAFE_METHODS
            and matches(condition, etag_of(result), weakly=True)
        ):
            answer = Response(
                status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": answer.headers["ETag"]}
            )
    if status_code == HTTPStatus.CREATED and hasattr(result, "id"):
        answer.headers["Location"] = f"{hop.request.url.path.rstrip('/')}/{result.id}"
    for name, value in hop.response.headers.items():
        answer.headers[name] = value
    return answer
