"""Ghostfolio: export as JSON, and the layout of its import as CSV."""

from collections.abc import Iterable, Iterator
from datetime import time
from typing import Final

from backend.ledger.entries import Entry, EntryType
from backend.ledger.exact import ZERO
from backend.ledger.statements.moments import Moment
from backend.ledger.statements.outcomes import NO_ID, BadValue, Outcome
from backend.ledger.statements.profile import Profile, columns
from backend.ledger.statements.row import Context, Row, each, unknown

_TYPES: Final[dict[str, EntryType]] = {
    "buy": "buy",
    "sell": "sell",
    "dividend": "dividend",
    "interest": "interest",
    "fee": "fee",
    "item": "buy",
}


def _read(rows: Iterable[Row], _context: Context) -> Iterator[Outcome]:
    return each(rows, _row, texts=False)


def _row(row: Row) -> Outcome:
    kind = row.text("type").lower()
    if kind == "liability":
        raise BadValue("a liability has no place in a portfolio of units and cash", "type")
    type_ = _TYPES.get(kind)
    if type_ is None:
        raise unknown("the type", row.text("type"))
    when = _when(row)
    fee, note = row.size("fee", "fee") or ZERO, row.text("comment")
    currency, symbol = row.currency("currency"), row.text("symbol")
    if type_ == "fee":
        # A fee has a name that was made up where others have their symbol.
        amount = fee or row.amount("unitprice", "fee")
        return row.cash("fee", when, -amount, currency, external_id=row.text("id"), note=note)
    values = Entry(
        NO_ID,
        type_,
        when.day,
        currency,
        executed_at=when.instant,
        symbol=symbol or None,
        quantity=row.amount("quantity", "quantity"),
        price=row.amount("unitprice", "price"),
        fee=fee,
    )
    return row.read(values, row.text("id"), note)


def _when(row: Row) -> Moment:
    """The date as written; midnight in UTC is what Ghostfolio writes for a date alone."""
    when = row.when("date")
    if when.instant is not None and when.instant.time() == time.min:
        return Moment(when.day, None)
    return when


_NAMES: Final = columns("date", "symbol", "currency", "unitprice", "quantity", "type", "fee")

PROFILE: Final = Profile(
    name="ghostfolio",
    title="Ghostfolio JSON",
    required=(_NAMES,),
    read=_read,
    dates="ymd",
    format="json",
)
CSV_PROFILE: Final = Profile(
    name="ghostfolio_csv",
    title="Ghostfolio CSV",
    # Without its own column it would be our layout too.
    required=(_NAMES | {"datasource"},),
    renamed={"code": "symbol", "price": "unitprice", "action": "type", "note": "comment"},
    read=_read,
    dates="dmy",
)
