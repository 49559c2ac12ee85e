"""Cursors of keyset paging: where a page ended, opaque to the client.

A cursor is the unpadded base64 of `["<row id>"]`, or of `["<row id>", "<sort>", <value>]` in a
list that is sorted by a column.
"""

from binascii import a2b_base64, b2a_base64
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json

from backend.core.schemas import rfc3339, time_text

_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_", b"+/")


def encoded(sort: str | None, value: Any, row_id: UUID | str) -> str:
    """The cursor of the page after the row.

    Args:
        sort: what the list is sorted by as the client wrote it; None for the order of creation.
        value: what the row has in the column that is sorted by: as the column gives it, or as
            the response writes it.
        row_id: the row's id, likewise.
    """
    place = row_id.hex if isinstance(row_id, UUID) else row_id.replace("-", "")
    parts = [place] if sort is None else [place, sort, _plain(value)]
    return b2a_base64(to_json(parts), newline=False).translate(_TO_URL).rstrip(b"=").decode()


def decoded(cursor: str, sort: str | None) -> tuple[Any, UUID]:
    """The place that a cursor names: the value of the column that is sorted by, and a row's id.

    Args:
        cursor: what the client sent.
        sort: as it was given to `encoded`.

    Returns:
        The value, as JSON has it and not validated yet (None without `sort`), and the id.

    Raises:
        ValueError: it is no cursor of a list in this order.
    """
    padded = cursor.encode("ascii").translate(_FROM_URL) + b"=" * (-len(cursor) % 4)
    raw = a2b_base64(padded, strict_mode=True)
    match from_json(raw, allow_inf_nan=False, cache_strings="keys"):
        case [str(row_id)] if sort is None:
            return None, UUID(hex=row_id)
        case [str(row_id), str(name), value] if name == sort:
            return value, UUID(hex=row_id)
    raise ValueError("The cursor is of another list, or of another order.")


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, time):
        return time_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else value
