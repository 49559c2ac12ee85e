"""Declared operations as endpoints: their plain form, and the attempt to do without it."""

import inspect
import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from backend.core.conditional import IfMatch
from backend.core.errors import Unprocessable
from backend.core.lane.executor import Refused
from backend.core.lane.lane import Lane
from backend.core.lane.plans import Answer, LaneRequest
from backend.core.models import database_of
from backend.core.named_databases import session_in
from backend.core.operations import Browse, Change, Create, Get, Operation, Remove
from backend.core.ownership import OwnerRule
from backend.core.paging import Page
from backend.core.query_parameters import from_query
from backend.core.statements import ROW

_PATH_PARAMETER = re.compile(r"\{(\w+):uuid\}")
_BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


def plain_endpoint(
    operation: Operation, rule: OwnerRule, path: str, name: str, description: str
) -> Callable[..., Any]:
    """The endpoint that an author would write to call the operation.

    Args:
        operation: what is called.
        rule: gives the sender.
        path: of the route; a parameter in it is the row's id.
        name: of the endpoint.
        description: its docstring.
    """
    noun = _PATH_PARAMETER.search(path)
    row_id = noun[1] if noun is not None else ""

    def endpoint(**given: Any) -> Any:
        arguments: list[Any] = [given["db"], given["user"].id]
        arguments += [given[name] for name in ("data", "wanted") if name in given]
        optional: dict[str, Any] = {ROW.key: given[row_id]} if row_id else {}
        if "if_match" in given:
            optional["if_match"] = given["if_match"]
        if "request" in given:
            given["response"].headers["Location"] = given["request"].scope["path"]
        return operation(*arguments, **optional)

    endpoint.__name__ = name
    endpoint.__doc__ = description
    parameters = dict(_parameters(operation))
    parameters |= {"db": session_in(database_of(operation.model)), "user": rule.user}
    if row_id:
        parameters[row_id] = UUID
    endpoint.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # read by FastAPI
        [
            inspect.Parameter(
                one,
                inspect.Parameter.KEYWORD_ONLY,
                annotation=annotation,
                default=None if one == "if_match" else inspect.Parameter.empty,
            )
            for one, annotation in parameters.items()
        ]
    )
    return endpoint


def require_fitting_path(operation: Operation, path: str) -> None:
    """Refuse a path whose parameters the operation does not understand.

    Raises:
        TypeError: there is one that is no UUID, several, or one where no single row is meant.
    """
    most = 0 if isinstance(operation, Create | Browse) else 1
    if path.count("{") > most or path.count("{") != len(_PATH_PARAMETER.findall(path)):
        raise TypeError(f"{path!r}: write the id of the one row as {{name:uuid}}, and no other.")


def response_of(operation: Operation) -> tuple[Any, int]:
    """The response model of an operation, and its status."""
    match operation:
        case Browse():
            return Page[operation.read], HTTPStatus.OK  # type: ignore[name-defined]  # at run time
        case Create():
            return operation.read, HTTPStatus.CREATED
        case Remove():
            return None, HTTPStatus.NO_CONTENT
    return operation.read, HTTPStatus.OK


def _parameters(operation: Operation) -> Iterator[tuple[str, Any]]:
    match operation:
        case Browse():
            yield "wanted", Annotated[Any, from_query(operation.parameters)]
        case Get():
            yield "fields", Annotated[Any, from_query(operation.parameters)]
        case Create():
            yield "data", operation.data
            if operation.only:
                yield from (("request", Request), ("response", Response))
        case Change():
            yield "data", operation.changes
            yield "if_match", IfMatch
        case Remove():
            yield "if_match", IfMatch


class LaneAttempt:
    """Tries to answer a request on the lane, before FastAPI sees it.

    Attributes:
        operation: what the request asks for.
        rule: gives the sender.
    """

    def __init__(self, operation: Operation, rule: OwnerRule) -> None:
        self.operation = operation
        self.rule = rule

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send, path_parameters: dict[str, Any]
    ) -> Receive | None:
        """See `backend.core.declared_routes.Attempt`."""
        lane: Lane | None = scope["app"].state.lane
        plan = None if lane is None else lane.plan(self.operation, self.rule)
        if lane is None or plan is None:
            return receive
        raw: list[tuple[bytes, bytes]] = scope["headers"]
        headers = dict(raw)
        values = lane.caller(headers.get(b"authorization"))
        if values is None or len(headers) != len(raw):
            return receive
        for value in path_parameters.values():
            values[ROW.key] = value
        body = b""
        if plan.reads_body:
            read = _Read(receive)
            body, receive = await read.body(), read.receive
            if read.failed:
                return receive
        request = LaneRequest(scope["path"], scope["query_string"], headers, values, body)
        try:
            answer = await plan.answer(request)
        except (Refused, Unprocessable):
            answer = None
        if answer is None:
            return receive
        await _send(answer, send)
        return None


class _Read:
    """Reads a body, and gives it once more to who reads it after.

    Attributes:
        failed: whether a part of the body has not come: it was refused, or the client has gone.
    """

    def __init__(self, receive: Receive) -> None:
        self.failed = False
        self._receive = receive
        self._messages: list[Message] = []
        self._failure: HTTPException | None = None

    async def body(self) -> bytes:
        """The whole body, or what has come of it."""
        messages = self._messages
        more = True
        while more and not self.failed:
            try:
                message = await self._receive()
            except HTTPException as failure:
                self._failure, self.failed = failure, True
            else:
                messages.append(message)
                self.failed = message["type"] == "http.disconnect"
                more = message.get("more_body", False)
        parts = [message.get("body", b"") for message in messages]
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def receive(self) -> Message:
        """What was received already, then what follows.

        Raises:
            HTTPException: the rest of the body was refused.
        """
        if self._messages:
            return self._messages.pop(0)
        if self._failure is not None:
            raise self._failure
        return await self._receive()


async def _send(answer: Answer, send: Send) -> None:
    headers = answer.headers
    if answer.status not in _BODILESS:
        headers = [
            (b"content-length", b"%d" % len(answer.body)),
            (b"content-type", b"application/json"),
            *headers,
        ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
