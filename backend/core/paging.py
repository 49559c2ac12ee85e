"""Keyset paging: a page starts after the last row of the page before, never at an offset."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.core.errors import Unprocessable
from backend.core.models import OwnedRecord

Item = TypeVar("Item")
Row = TypeVar("Row", bound=OwnedRecord)

DEFAULT_LIMIT = 50
MAXIMUM_LIMIT = 500


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


class PageRequest(BaseModel):
    """Which page is wanted."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(
        default=DEFAULT_LIMIT, ge=1, le=MAXIMUM_LIMIT, description="Rows in the page."
    )
    cursor: str | None = Field(
        default=None, max_length=100, description="`next_cursor` of the page before."
    )


PageQuery = Annotated[PageRequest, Query()]


def page_of(
    db: Session,
    rows: Select[Row],
    id_column: InstrumentedAttribute[UUID],
    request: PageRequest,
) -> PagedRows[Row]:
    """Read one page of `rows` in ascending order of their ids, which is that of creation.

    Raises:
        Unprocessable: the cursor is not one that a page gave.
    """
    if request.cursor is not None:
        rows = rows.where(id_column > _decoded(request.cursor))
    found = db.scalars(rows.order_by(id_column).limit(request.limit + 1)).all()
    items = found[: request.limit]
    more = len(found) > request.limit
    return PagedRows(items, _encoded(items[-1].id) if more else None)


def _encoded(row_id: UUID) -> str:
    return base64.urlsafe_b64encode(row_id.bytes).decode().rstrip("=")


def _decoded(cursor: str) -> UUID:
    try:
        raw = base64.b64decode(cursor + "==", altchars=b"-_", validate=True)
        row_id = UUID(bytes=raw)
    except (ValueError, binascii.Error):
        raise Unprocessable("query/cursor", "Not a cursor of this list.") from None
    return row_id
