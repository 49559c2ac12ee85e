"""Writing transactions so that they read back to equal ones."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import Final

from backend.ledger.statements.outcomes import ReadRow
from backend.ledger.statements.profiles.generic import COLUMNS

_AT_ONCE: Final = 200
_OF_ENTRIES: Final = tuple(
    name for name in COLUMNS if name not in ("source", "external_id", "note")
)


def write_csv(rows: Iterable[ReadRow]) -> Iterator[bytes]:
    """The rows as CSV in UTF-8 with a header, in pieces."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    stream = iter(rows)
    while True:
        some = list(islice(stream, _AT_ONCE))
        writer.writerows(_texts(row) for row in some)
        yield buffer.getvalue().encode()
        if len(some) < _AT_ONCE:
            return
        buffer.seek(0)
        buffer.truncate()


def write_json(rows: Iterable[ReadRow]) -> Iterator[bytes]:
    """The rows as `{"transactions": [...]}` in pieces; numbers are strings, so none is cut."""
    lead = '{"transactions": [\n'
    for row in rows:
        members = {name: text for name, text in zip(COLUMNS, _texts(row), strict=True) if text}
        yield (lead + json.dumps(members, ensure_ascii=False)).encode()
        lead = ",\n"
    yield (lead + "\n]}\n" if lead.startswith("{") else "\n]}\n").encode()


def _texts(row: ReadRow) -> list[str]:
    values = row.values
    texts = [_text(getattr(values, name)) for name in _OF_ENTRIES]
    return [*texts, row.source, row.external_id or "", row.note or ""]


def _text(value: Decimal | datetime | date | int | str | None) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
