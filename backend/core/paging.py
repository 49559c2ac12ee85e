"""Keyset paging: a page starts after the last row of the page before, never at an offset."""

import base64
import binascii
import json
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import ColumnElement, Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.core.errors import Unprocessable
from backend.core.listing import Condition, ListRequest, Operator, SortKey
from backend.core.models import OwnedRecord

Item = TypeVar("Item")
Row = TypeVar("Row", bound=OwnedRecord)
Position = tuple[Any, UUID]  # Any: the value of the column that is sorted by


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
    db: Session, rows: Select[Row], model: type[Row], wanted: ListRequest
) -> PagedRows[Row]:
    """Read the wanted page of `rows`.

    Rows that are equal in what the list is sorted by come in the order of their creation.

    Raises:
        Unprocessable: the cursor is not one that a page of this list gave.
    """
    rows = rows.where(*(_criterion(model, condition) for condition in wanted.conditions))
    if wanted.cursor is not None:
        rows = rows.where(_after(model, wanted.sort, _decoded(wanted.cursor, wanted.sort)))
    found = db.scalars(rows.order_by(*_order(model, wanted.sort)).limit(wanted.limit + 1)).all()
    items = found[: wanted.limit]
    more = len(found) > wanted.limit
    return PagedRows(items, _encoded(items[-1], wanted.sort) if more else None)


def _criterion(model: type[OwnedRecord], condition: Condition) -> ColumnElement[bool]:
    column: InstrumentedAttribute[Any] = getattr(model, condition.column)
    return _COMPARISONS[condition.operator](column, condition.value)


def _null_or_not(column: InstrumentedAttribute[Any], null: Any) -> ColumnElement[bool]:
    return column.is_(None) if null else column.is_not(None)


_COMPARISONS: dict[Operator, Callable[[InstrumentedAttribute[Any], Any], ColumnElement[bool]]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "in": lambda column, values: column.in_(values),
    "isnull": _null_or_not,
}


def _order(model: type[OwnedRecord], sort: SortKey | None) -> list[ColumnElement[Any]]:
    if sort is None:
        return [model.id.asc()]
    column: InstrumentedAttribute[Any] = getattr(model, sort.column)
    return [column.desc() if sort.descending else column.asc(), model.id.asc()]


def _after(
    model: type[OwnedRecord], sort: SortKey | None, position: Position
) -> ColumnElement[bool]:
    value, row_id = position
    if sort is None:
        return model.id > row_id
    column: InstrumentedAttribute[Any] = getattr(model, sort.column)
    # The first comparison is implied by the second; it is what an index can start from.
    if sort.descending:
        return and_(column <= value, or_(column < value, model.id > row_id))
    return and_(column >= value, or_(column > value, model.id > row_id))


def _encoded(last: OwnedRecord, sort: SortKey | None) -> str:
    parts = [last.id.hex]
    if sort is not None:
        value = sort.adapter.dump_json(getattr(last, sort.column)).decode()
        parts += [_name(sort), value]
    return (
        base64.urlsafe_b64encode(json.dumps(parts, ensure_ascii=False).encode())
        .decode()
        .rstrip("=")
    )


def _decoded(cursor: str, sort: SortKey | None) -> Position:
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        row_id, *of_sort = json.loads(raw)
        if sort is None:
            _require(not of_sort)
            return None, UUID(hex=row_id)
        name, value = of_sort
        _require(name == _name(sort))
        return sort.adapter.validate_json(value), UUID(hex=row_id)
    except (ValueError, TypeError, AttributeError, RecursionError, binascii.Error, ValidationError):
        raise Unprocessable("query/cursor", "Not a cursor of this list in this order.") from None


def _name(sort: SortKey) -> str:
    return f"-{sort.name}" if sort.descending else sort.name


def _require(condition: bool) -> None:
    if not condition:
        raise ValueError
