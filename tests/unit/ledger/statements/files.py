"""Files in memory, and what was read from them written short."""

import io
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any

from backend.ledger.entries import Entry
from backend.ledger.exact import ONE, ZERO
from backend.ledger.statements.outcomes import InvalidRow, ReadRow
from backend.ledger.statements.reading import Statement, read_statement

_SAMPLES = Path(__file__).parents[3] / "data" / "statements"
_DEFAULTS = {"fee": ZERO, "tax": ZERO, "multiplier": ONE}


def sample(name: str) -> str:
    """A file of tests/data/statements; its values are made up."""
    return (_SAMPLES / name).read_bytes().decode()


def opened(
    text: str | bytes,
    profile: str | None = None,
    *,
    currency: str | None = None,
    zone: tzinfo = UTC,
) -> Statement:
    """A statement of a text or of bytes."""
    data = text.encode() if isinstance(text, str) else text
    return read_statement(io.BytesIO(data), profile=profile, currency=currency, zone=zone)


def read(
    text: str | bytes,
    profile: str | None = None,
    *,
    currency: str | None = None,
    zone: tzinfo = UTC,
) -> list[ReadRow]:
    """The rows of a text that has no invalid one."""
    rows: list[ReadRow] = []
    for row in opened(text, profile, currency=currency, zone=zone):
        assert isinstance(row, ReadRow), row
        rows.append(row)
    return rows


def invalid(text: str | bytes, profile: str | None = None) -> list[InvalidRow]:
    """The invalid rows of a text."""
    return [row for row in opened(text, profile) if isinstance(row, InvalidRow)]


def facts(entry: Entry | ReadRow, *, without: tuple[str, ...] = ("sequence",)) -> dict[str, Any]:
    """What an entry says beside the defaults; numbers, dates and instants as text."""
    values = entry.values if isinstance(entry, ReadRow) else entry
    return {
        name: _plain(value)
        for name, value in values._asdict().items()
        if name != "id"
        and name not in without
        and value is not None
        and value != _DEFAULTS.get(name)
    }


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, datetime | date) else value
