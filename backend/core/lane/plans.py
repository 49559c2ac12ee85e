"""Declared reads as statements: what is sent to the database, and what is answered.

A plan answers only what it knows to answer as the plain form does. To everything else it says
`None`, or lets `Refused` pass, and the plain form takes the request over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any, Protocol

from pydantic_core import from_json
from sqlalchemy import Select, Text, literal_column, select

from backend.core.conditional import is_versioned, matches
from backend.core.errors import NotFound
from backend.core.lane.executor import Executor, Row, Statement
from backend.core.lane.json_text import JSONText, etag_text, row_json
from backend.core.listing import ListRequest, ListShape, next_cursor
from backend.core.operations import Browse, Change, Create, Get
from backend.core.ownership import OwnerRule
from backend.core.paging import page_statement

Header = tuple[bytes, bytes]
_MOST_SHAPES = 200


@dataclass(slots=True)
class LaneRequest:
    """A request whose sender is known.

    Attributes:
        path: with what the application is mounted under.
        headers: by their names in lower case.
        values: what the statements bind: `OWNER`, `SESSION`, and `ROW` where the path has an id.
        body: empty where the operation takes none.
    """

    path: str
    query: bytes
    headers: Mapping[bytes, bytes]
    values: dict[str, Any]
    body: bytes


@dataclass(slots=True)
class Answer:
    """What is sent back; `headers` beside those that every body has."""

    status: int
    body: bytes
    headers: list[Header]


class Plan(Protocol):
    """How one declared operation is carried out on one database."""

    reads_body: bool

    async def answer(self, request: LaneRequest) -> Answer | None:
        """Carry the operation out; None if the plain form has to.

        Raises:
            Refused: the plain form may try.
            DatabaseUnavailable: the database does not answer.
            Problem: another that the plain form would raise as well.
        """
        ...


class Sessions:
    """Tells why a read has found no row: there is none, or the session has ended."""

    def __init__(self, rule: OwnerRule, executor: Executor) -> None:
        self._rule = rule
        self._executor = executor

    async def live(self, values: Mapping[str, Any]) -> bool:
        """Whether the session of a request has not ended."""
        return bool(await self._executor.fetch(self._statement, values))

    @cached_property
    def _statement(self) -> Statement:
        """Made when a read first finds nothing: a module's first request need not wait for it."""
        lives: Select[str] = select(literal_column("'lives'", Text())).where(self._rule.lives)
        return self._executor.statement(lives)


class GetPlan:
    """Reads a row."""

    reads_body = False

    def __init__(self, operation: Get[Any], rule: OwnerRule, executor: Executor) -> None:
        self._operation = operation
        self._one = operation.one.where(rule.lives)
        self._executor = executor
        self._sessions = Sessions(rule, executor)
        self._statements: dict[tuple[str, ...] | None, Statement] = {}
        self._statement(None)

    async def answer(self, request: LaneRequest) -> Answer | None:
        """See `Plan.answer`."""
        fields = self._operation.parameters.parse(request.query) if request.query else None
        rows = await self._executor.fetch(self._statement(fields), request.values)
        if not rows:
            if await self._sessions.live(request.values):
                raise NotFound(self._operation.missing)
            return None
        answer = answer_with(HTTPStatus.OK, rows[0])
        condition = request.headers.get(b"if-none-match")
        if condition is not None and answer.headers:
            ((_, etag),) = answer.headers
            if matches(condition.decode("latin-1"), etag.decode(), weakly=True):
                return Answer(HTTPStatus.NOT_MODIFIED, b"", answer.headers)
        return answer

    def _statement(self, fields: tuple[str, ...] | None) -> Statement:
        statement = self._statements.get(fields)
        if statement is None:
            dialect = self._executor.dialect
            columns = answered(self._operation, dialect.name, fields)
            statement = self._executor.statement(
                self._one.with_only_columns(*columns), reads_one=True
            )
            keep(self._statements, fields, statement)
        return statement


class BrowsePlan:
    """Reads a page of rows."""

    reads_body = False

    def __init__(self, operation: Browse[Any], rule: OwnerRule, executor: Executor) -> None:
        self._operation = operation
        self._rows = operation.rows.where(rule.lives)
        self._executor = executor
        self._sessions = Sessions(rule, executor)
        self._statements: dict[ListShape, Statement] = {}
        self._statement(ListShape())

    async def answer(self, request: LaneRequest) -> Answer | None:
        """See `Plan.answer`."""
        wanted = self._operation.parameters.parse(request.query)
        values = {**request.values, **wanted.values}
        rows = await self._executor.fetch(self._statement(wanted.shape), values)
        if not rows and not await self._sessions.live(request.values):
            return None
        cursor = b"null"
        if len(rows) > wanted.limit:
            rows = rows[: wanted.limit]
            cursor = b'"%b"' % _cursor_after(rows[-1], wanted).encode()
        items = b",".join([without_nulls(row)[0] for row in rows])
        return Answer(HTTPStatus.OK, b'{"items":[%b],"next_cursor":%b}' % (items, cursor), [])

    def _statement(self, shape: ListShape) -> Statement:
        statement = self._statements.get(shape)
        if statement is None:
            operation, dialect = self._operation, self._executor.dialect
            pages: Select[Any] = page_statement(self._rows, operation.model, shape)
            columns = [row_json(operation.model, operation.read, dialect.name, shape.fields)]
            if shape.fields is not None:
                place = ("id", *([shape.sort.column] if shape.sort else []))
                columns.append(row_json(operation.model, operation.read, dialect.name, place))
            statement = self._executor.statement(pages.with_only_columns(*columns))
            keep(self._statements, shape, statement)
        return statement


def _cursor_after(row: Row, wanted: ListRequest) -> str:
    """The cursor of the page after a row, whose last column has the fields that it is made of."""
    place = from_json(without_nulls(row)[-1], cache_strings="keys")
    sort = wanted.shape.sort
    return next_cursor(wanted.shape, place[sort.column] if sort else None, place["id"])


def answered(
    operation: Get[Any] | Create[Any] | Change[Any],
    dialect: str,
    fields: tuple[str, ...] | None = None,
) -> list[JSONText]:
    """The columns that `answer_with` takes: the row's JSON, and its entity tag if it has one."""
    model: type[Any] = operation.model
    json = row_json(model, operation.read, dialect, fields)
    return [json, etag_text(model, dialect)] if is_versioned(operation.model) else [json]


def answer_with(status: int, row: Row) -> Answer:
    """The answer whose columns `answered` has chosen."""
    body, *tags = without_nulls(row)
    return Answer(status, body, [(b"etag", tags[0])] if tags else [])


def without_nulls(row: Row) -> list[bytes]:
    """The columns of a row, none of which is null."""
    return row  # type: ignore[return-value]  # the statements coalesce what may be null


def keep(statements: dict[Any, Statement], shape: object, statement: Statement) -> None:
    """Keep the statement of a shape; the oldest gives way when there are many."""
    if len(statements) >= _MOST_SHAPES:
        del statements[next(iter(statements))]
    statements[shape] = statement
