"""Wealthfolio: its own CSV."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Final

from backend.ledger.entries import Entry, EntryType
from backend.ledger.exact import ZERO
from backend.ledger.statements.moments import Moment
from backend.ledger.statements.outcomes import NO_ID, Outcome
from backend.ledger.statements.profile import Profile, columns
from backend.ledger.statements.row import Context, Row, each, unknown
from backend.ledger.statements.trades import Trade, split

_UNITS: Final[dict[str, EntryType]] = {
    "add_holding": "transfer_in",
    "remove_holding": "transfer_out",
}
_CASH: Final[dict[str, tuple[EntryType, int]]] = {
    "dividend": ("dividend", 1),
    "interest": ("interest", 1),
    "deposit": ("deposit", 1),
    "withdrawal": ("deposit", -1),
    "fee": ("fee", -1),
    "tax": ("tax", -1),
    "credit": ("deposit", 1),
}


def _read(rows: Iterable[Row], _context: Context) -> Iterator[Outcome]:
    return each(rows, _row)


def _row(row: Row) -> Outcome:
    when, kind = row.when("date"), row.text("type").lower()
    symbol, note = row.text("symbol"), row.text("comment")
    # Cash has a symbol of its own, such as $CASH-USD.
    symbol = "" if symbol.upper().startswith("$CASH") else symbol
    currency = row.currency("currency")
    if kind in ("buy", "sell"):
        trade = Trade(
            "buy" if kind == "buy" else "sell",
            when,
            currency,
            symbol,
            row.amount("quantity", "quantity"),
            row.number("unit_price", "price"),
            fee=row.number("fee", "fee") or ZERO,
        )
        return row.read(trade.entry(), note=note)
    if kind == "split":
        ratio = Fraction(row.amount("amount", "ratio_numerator")).limit_denominator(1000)
        return split(row, when, symbol, currency, ratio=ratio, note=note)
    if kind in _UNITS or (kind in ("transfer_in", "transfer_out") and symbol):
        values = _transfer(row, when, symbol, inward=kind in ("add_holding", "transfer_in"))
        return row.read(values, note=note)
    if kind in ("transfer_in", "transfer_out"):
        amount = row.amount("amount", "net_amount").copy_abs()
        amount = amount if kind == "transfer_in" else -amount
        return row.cash("transfer_in", when, amount, currency, note=note)
    if kind not in _CASH:
        raise unknown("the type", row.text("type"))
    type_, sign = _CASH[kind]
    paid = row.number("amount", "net_amount") or row.number("fee", "fee")
    if paid is None:
        paid = row.amount("amount", "net_amount")
    amount = paid.copy_abs() if sign > 0 else -paid.copy_abs()
    named = "" if type_ == "deposit" else symbol
    return row.cash(type_, when, amount, currency, symbol=named, note=note)


def _transfer(row: Row, when: Moment, symbol: str, *, inward: bool) -> Entry:
    return Entry(
        NO_ID,
        "transfer_in" if inward else "transfer_out",
        when.day,
        row.currency("currency"),
        executed_at=when.instant,
        symbol=symbol,
        quantity=row.amount("quantity", "quantity"),
        price=row.number("unit_price", "price") if inward else None,
    )


PROFILE: Final = Profile(
    name="wealthfolio",
    title="Wealthfolio",
    required=(
        columns("date", "type", "symbol", "quantity", "unit_price", "currency", "fee", "amount"),
    ),
    renamed={"activitytype": "type", "unitprice": "unit_price", "unit price": "unit_price"},
    read=_read,
    dates="ymd",
)
