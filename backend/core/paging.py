"""Keyset paging: a page starts after the last row of the page before, never at an offset."""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import BindParameter, ColumnElement, Integer, Select, and_, bindparam, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.core.filters import Condition, Operator
from backend.core.listing import (
    CURSOR_ROW,
    CURSOR_VALUE,
    LIMIT,
    ListRequest,
    ListShape,
    SortKey,
    next_cursor,
)
from backend.core.models import Owned, Shared
from backend.core.search import one_contains
from backend.core.statements import OWNER

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Owned | Shared)

_CACHED_STATEMENTS = 512


class Page(BaseModel, Generic[Item]):
    """One page of a list. `next_cursor` is null on the last page."""

    model_config = ConfigDict(from_attributes=True)

    items: Sequence[Item]
    next_cursor: str | None


@dataclass(frozen=True)
class PagedRows(Generic[Row]):
    """The rows of one page, as `Page` answers them."""

    items: Sequence[Row]
    next_cursor: str | None


def page_of(
    db: Session, rows: Select[Row], model: type[Row], wanted: ListRequest, owner_id: UUID
) -> PagedRows[Row]:
    """Read the wanted page of `rows`: of those that the owner has, or of shared ones.

    Rows that are equal in what the list is sorted by come in the order of their creation.

    Args:
        db: the session.
        rows: a statement that chooses by `OWNER` (`backend.core.statements`), unless the rows
            are shared. It stands at module level: what is built for it is kept for the next
            request.
        model: what `rows` selects.
        wanted: which page.
        owner_id: what `OWNER` stands for.
    """
    shape = wanted.shape._replace(fields=None)
    # A class is hashable; mypy asks its instances.
    statement = _kept_statement(rows, model, shape)  # type: ignore[arg-type]
    found = db.scalars(statement, {OWNER.key: owner_id, **wanted.values}).all()
    items = found[: wanted.limit]
    if len(found) <= wanted.limit:
        return PagedRows(items, None)
    last, sort = items[-1], wanted.shape.sort
    value = None if sort is None else getattr(last, sort.column)
    return PagedRows(items, next_cursor(wanted.shape, value, last.id))


def page_statement(rows: Select[Row], model: type[Row], shape: ListShape) -> Select[Row]:
    """The statement that reads pages of this shape.

    Its parameters are those of `rows` and the names in `ListRequest.values`. It gives whole
    rows, whatever fields the shape asks for.
    """
    statement = rows.where(*(_criterion(model, condition) for condition in shape.conditions))
    if shape.search:
        statement = statement.where(one_contains([getattr(model, name) for name in shape.search]))
    if shape.has_cursor:
        statement = statement.where(_after(model, shape.sort))
    return statement.order_by(*_order(model, shape.sort)).limit(bindparam(LIMIT, type_=Integer()))


@lru_cache(maxsize=_CACHED_STATEMENTS)
def _kept_statement(rows: Select[Any], model: type[Any], shape: ListShape) -> Select[Any]:
    return page_statement(rows, model, shape)


def _criterion(model: type[Row], condition: Condition) -> ColumnElement[bool]:
    column: InstrumentedAttribute[Any] = getattr(model, condition.column)
    return _COMPARISONS[condition.operator](
        column, *(bindparam(name, type_=column.type) for name in condition.binds)
    )


def _one_of(
    column: InstrumentedAttribute[Any], *alternatives: BindParameter[Any]
) -> ColumnElement[bool]:
    return column.in_(alternatives)


_COMPARISONS: dict[Operator, Callable[..., ColumnElement[bool]]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "in": _one_of,
    "isnull": lambda column: column.is_(None),
    "notnull": lambda column: column.is_not(None),
}


def _order(model: type[Row], sort: SortKey | None) -> list[ColumnElement[Any]]:
    if sort is None:
        return [model.id.asc()]
    column: InstrumentedAttribute[Any] = getattr(model, sort.column)
    return [column.desc() if sort.descending else column.asc(), model.id.asc()]


def _after(model: type[Row], sort: SortKey | None) -> ColumnElement[bool]:
    row_id = bindparam(CURSOR_ROW, type_=model.id.type)
    if sort is None:
        return model.id > row_id
    column: InstrumentedAttribute[Any] = getattr(model, sort.column)
    value = bindparam(CURSOR_VALUE, type_=column.type)
    # The first comparison is implied by the second; it is what an index can start from.
    if sort.descending:
        return and_(column <= value, or_(column < value, model.id > row_id))
    return and_(column >= value, or_(column > value, model.id > row_id))
