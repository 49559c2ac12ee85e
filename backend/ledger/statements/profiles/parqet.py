"""Parqet: export of activities."""

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from backend.ledger.entries import Entry, EntryType
from backend.ledger.exact import ZERO, add, subtract
from backend.ledger.statements.moments import Moment
from backend.ledger.statements.outcomes import NO_ID, Outcome, ReadRow
from backend.ledger.statements.profile import Profile, columns
from backend.ledger.statements.row import Context, Row, each, unknown
from backend.ledger.statements.trades import Trade

_TRADES: Final[dict[str, Literal["buy", "sell"]]] = {"buy": "buy", "sell": "sell"}
_CASH: Final[dict[str, EntryType]] = {
    "dividend": "dividend",
    "interest": "interest",
    "deposit": "deposit",
    "withdrawal": "withdrawal",
    "cost": "fee",
    "fee": "fee",
    "tax": "tax",
}


def _read(rows: Iterable[Row], _context: Context) -> Iterator[Outcome]:
    return each(rows, _row)


def _row(row: Row) -> Outcome:
    when = Moment(row.when("date").day, row.when("datetime").instant)
    kind, note = row.text("type").lower(), row.text("holdingname")
    currency, symbol = row.currency("currency"), row.text("identifier", "holding")
    fee, tax = (row.number(name, name) or ZERO for name in ("fee", "tax"))
    charged = add(fee, tax)
    if kind in _TRADES:
        # The amount is without fee and tax; a tax may be paid back.
        gross = row.amount("amount", "net_amount").copy_abs()
        trade = Trade(
            _TRADES[kind],
            when,
            currency,
            symbol,
            row.amount("shares", "quantity").copy_abs(),
            row.number("price", "price"),
            add(gross, charged) if kind == "buy" else subtract(gross, charged),
            fee,
            tax,
        )
        return row.read(trade.entry(), note=note)
    if kind in ("transferin", "transferout"):
        inward = kind == "transferin"
        values = Entry(
            NO_ID,
            "transfer_in" if inward else "transfer_out",
            when.day,
            currency,
            executed_at=when.instant,
            symbol=symbol,
            quantity=row.amount("shares", "quantity").copy_abs(),
            price=row.number("price", "price") if inward else None,
        )
        return row.read(values, note=note)
    if kind not in _CASH:
        raise unknown("the type", row.text("type"))
    type_ = _CASH[kind]
    amount = row.amount("amount", "net_amount").copy_abs()
    if type_ in ("fee", "tax", "withdrawal"):
        return row.cash(type_, when, -amount, currency, note=note)
    named = "" if type_ == "deposit" else symbol
    amount = subtract(amount, charged)
    read = row.cash(type_, when, amount, currency, symbol=named, note=note)
    if isinstance(read, ReadRow):
        return read._replace(values=read.values._replace(fee=fee, tax=tax))
    return read


PROFILE: Final = Profile(
    name="parqet",
    title="Parqet",
    required=(
        columns(
            "datetime",
            "date",
            "price",
            "shares",
            "amount",
            "tax",
            "fee",
            "type",
            "identifier",
            "currency",
        ),
    ),
    read=_read,
    mark=",",
    dates="dmy",
    newest_first=True,
)
