"""Declared writes of one row as statements that answer the row they have written."""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Integer,
    Numeric,
    Select,
    String,
    Text,
    UpdateBase,
    Uuid,
    bindparam,
    cast,
    delete,
    insert,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapper, class_mapper

from backend.core.conditional import is_versioned
from backend.core.lane.defaults import default_of, is_moment_of_creation, update_of
from backend.core.lane.executor import Executor, Statement
from backend.core.lane.json_text import NotExpressible
from backend.core.lane.plans import Answer, LaneRequest, answer_with, answered, keep
from backend.core.models import OWNER_COLUMN
from backend.core.operations import Change, Create, Remove
from backend.core.ownership import OwnerRule
from backend.core.schemas import RequestSchema
from backend.core.statements import OWNER
from backend.core.types import ExactDecimal

_JSON = frozenset({b"application/json", b"application/json; charset=utf-8"})
_ETAG = re.compile(rb'"([0-9a-f]{32})-([0-9]{1,9})"')
_MATCHED_ID: BindParameter[UUID] = bindparam("matched_id", type_=Uuid())
_MATCHED_VERSION: BindParameter[int] = bindparam("matched_version", type_=Integer())
_NEW_ID = "new_id"


class CreatePlan:
    """Adds a row."""

    reads_body = True

    def __init__(self, operation: Create[Any], rule: OwnerRule, executor: Executor) -> None:
        _require_one_table(operation)
        self._operation = operation
        self._executor = executor
        mapper, dialect = _mapper_of(operation.model), executor.dialect
        self._names = {name: _new(name) for name in operation.data.model_fields}
        self._defaults: dict[str, Callable[[], Any]] = {}
        binds = {OWNER_COLUMN: OWNER.key, **self._names}
        for name, column in mapper.columns.items():
            if name == OWNER_COLUMN:
                continue
            if name not in binds and is_moment_of_creation(column):
                binds[name] = _new("created_at")
            elif (default := default_of(mapper, column)) is not None:
                binds[name] = _new(name)
                self._defaults[_new(name)] = default
        columns = {name: column for name, column in mapper.columns.items() if name in binds}
        values = [_bound(column, binds[name], dialect.name) for name, column in columns.items()]
        added = insert(operation.model.__table__).from_select(
            [column.name for column in columns.values()],
            select(*values).where(rule.lives),
            include_defaults=False,
        )
        self._statement = executor.statement(added.returning(*answered(operation, dialect.name)))

    async def answer(self, request: LaneRequest) -> Answer | None:
        """See `Plan.answer`."""
        if request.query or b"idempotency-key" in request.headers or not request.path.isascii():
            return None
        data = _validated(self._operation.data, request)
        if data is None:
            return None
        values, names = request.values, self._names
        for name, default in self._defaults.items():
            values[name] = default()
        for name, value in vars(data).items():
            values[names[name]] = value
        rows = await self._executor.fetch(self._statement, values)
        if not rows:
            return None
        location = request.path
        if not self._operation.only:
            location = f"{location.rstrip('/')}/{values[_NEW_ID]}"
        answer = answer_with(HTTPStatus.CREATED, rows[0])
        answer.headers.append((b"location", location.encode()))
        return answer


_ChangeShape: TypeAlias = tuple[frozenset[str], bool]
"""The names of what is to change, and whether If-Match names a version."""
_MakeStatement: TypeAlias = Callable[[_ChangeShape], Select[*tuple[Any, ...]] | UpdateBase]


class ChangePlan:
    """Changes columns of a row, unless all have their values already."""

    reads_body = True

    def __init__(self, operation: Change[Any], rule: OwnerRule, executor: Executor) -> None:
        _require_one_table(operation)
        if not operation.changes.model_fields:
            raise NotExpressible(f"{operation.changes.__name__} has no fields.")
        self._operation = operation
        self._rule = rule
        self._executor = executor
        self._mapper = _mapper_of(operation.model)
        self._updates = {
            _new(name): update
            for name, column in self._mapper.columns.items()
            if (update := update_of(column)) is not None
        }
        self._statements: dict[tuple[_MakeStatement, _ChangeShape], Statement] = {}
        self._is_versioned = is_versioned(operation.model)
        shape = frozenset(operation.changes.model_fields), self._is_versioned
        self._statement(self._updating, shape)

    async def answer(self, request: LaneRequest) -> Answer | None:
        """See `Plan.answer`."""
        condition = request.headers.get(b"if-match")
        if request.query or not _read_condition(
            condition, request.values, is_versioned=self._is_versioned
        ):
            return None
        changes = _validated(self._operation.changes, request)
        if changes is None or not changes.model_fields_set:
            return None
        for name, value in self._updates.items():
            request.values[name] = value()
        for name in changes.model_fields_set:
            request.values[_new(name)] = getattr(changes, name)
        shape = frozenset(changes.model_fields_set), condition is not None
        rows = await self._executor.fetch(self._statement(self._updating, shape), request.values)
        if not rows:
            rows = await self._executor.fetch(self._statement(self._kept, shape), request.values)
        if not rows:
            return None
        return answer_with(HTTPStatus.OK, rows[0])

    def _statement(self, make: _MakeStatement, shape: _ChangeShape) -> Statement:
        statement = self._statements.get((make, shape))
        if statement is None:
            statement = self._executor.statement(make(shape))
            keep(self._statements, (make, shape), statement)
        return statement

    def _updating(self, shape: _ChangeShape) -> UpdateBase:
        """Changes the row, if one of its values is another."""
        names, _ = shape
        dialect = self._executor.dialect.name
        values: dict[str, ColumnElement[Any]] = {
            column.name: _bound(column, _new(name), dialect)
            for name, column in self._mapper.columns.items()
            if name in names or _new(name) in self._updates
        }
        if self._is_versioned:
            values["version"] = self._operation.model.version + 1
        return (
            update(self._operation.model.__table__)
            .where(*self._conditions(shape), self._differs(names))
            .values(values)
            .returning(*answered(self._operation, dialect))
        )

    def _kept(self, shape: _ChangeShape) -> Select[*tuple[Any, ...]]:
        """Reads the row, if it has all the values already."""
        columns = answered(self._operation, self._executor.dialect.name)
        return select(*columns).where(*self._conditions(shape), not_(self._differs(shape[0])))

    def _conditions(self, shape: _ChangeShape) -> list[ColumnElement[bool]]:
        return _chosen(self._operation, self._rule, is_conditional=shape[1])

    def _differs(self, names: frozenset[str]) -> ColumnElement[bool]:
        columns = [(name, self._mapper.columns[name]) for name in sorted(names)]
        dialect = self._executor.dialect.name
        return or_(*(c.is_distinct_from(_bound(c, _new(name), dialect)) for name, c in columns))


class RemovePlan:
    """Deletes a row."""

    reads_body = False

    def __init__(self, operation: Remove[Any], rule: OwnerRule, executor: Executor) -> None:
        self._executor = executor
        self._is_versioned = is_versioned(operation.model)
        if _mapper_of(operation.model).relationships:
            raise NotExpressible(f"{operation.model.__name__} has relationships to follow.")
        self._statements = [
            executor.statement(
                delete(operation.model.__table__)
                .where(*_chosen(operation, rule, is_conditional=is_conditional))
                .returning(cast(operation.model.id, Text))
            )
            for is_conditional in ((False, True) if self._is_versioned else (False,))
        ]

    async def answer(self, request: LaneRequest) -> Answer | None:
        """See `Plan.answer`."""
        condition = request.headers.get(b"if-match")
        if request.query or not _read_condition(
            condition, request.values, is_versioned=self._is_versioned
        ):
            return None
        statement = self._statements[condition is not None]
        rows = await self._executor.fetch(statement, request.values)
        return Answer(HTTPStatus.NO_CONTENT, b"", []) if rows else None


def _new(name: str) -> str:
    """The bind parameter for what a column is to become."""
    return f"new_{name}"


def _mapper_of(model: type[Any]) -> Mapper[Any]:
    mapper: Mapper[Any] = class_mapper(model)
    if mapper.validators:
        raise NotExpressible(f"{model.__name__} has validators, which no statement runs.")
    return mapper


def _bound(column: Column[Any], name: str, dialect: str) -> ColumnElement[Any]:
    """A parameter of the column's type. It is never cut to the column's length.

    PostgreSQL cannot tell the types of a SELECT's parameters, and a cast to VARCHAR(n) would cut.
    """
    value = bindparam(name, type_=column.type)
    if dialect != "postgresql":
        return value
    if isinstance(column.type, String):
        return cast(value, Text)
    return cast(value, Numeric() if isinstance(column.type, ExactDecimal) else column.type)


def _require_one_table(operation: Create[Any] | Change[Any]) -> None:
    if operation.refers_to:
        raise NotExpressible(f"{operation.model.__name__} refers to rows that have to be found.")


def _chosen(
    operation: Change[Any] | Remove[Any], rule: OwnerRule, *, is_conditional: bool
) -> list[ColumnElement[bool]]:
    """The conditions on the row that is written."""
    chosen, model = operation.one.whereclause, operation.model
    if chosen is None or operation.one.get_final_froms() != [model.__table__]:
        raise NotExpressible(f"The row of {model.__name__} is not chosen from its table alone.")
    conditions = [chosen, rule.lives]
    if is_conditional:
        conditions += [model.id == _MATCHED_ID, model.version == _MATCHED_VERSION]
    return conditions


def _read_condition(condition: bytes | None, values: dict[str, Any], *, is_versioned: bool) -> bool:
    """Bind what If-Match names; whether there is none or it names one version of one row."""
    if condition is None:
        return True
    named = _ETAG.fullmatch(condition) if is_versioned else None
    if named is None:
        return False
    values[_MATCHED_ID.key] = UUID(named[1].decode())
    values[_MATCHED_VERSION.key] = int(named[2])
    return True


def _validated(schema: type[RequestSchema], request: LaneRequest) -> Any:
    """The body as the schema reads it; None if there is anything to say against it."""
    if request.headers.get(b"content-type") not in _JSON:
        return None
    try:
        return schema.read_json(request.body)
    except ValueError:
        return None
