"""tastytrade: transaction history, with or without its columns Total and Sub Type."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final, Literal

from backend.ledger.entries import EntryType
from backend.ledger.exact import ONE, ZERO, add, multiply, quotient, rounded, subtract
from backend.ledger.statements.moments import Moment
from backend.ledger.statements.outcomes import BadValue, Outcome
from backend.ledger.statements.profile import Profile, columns
from backend.ledger.statements.row import Context, Row, each, unknown
from backend.ledger.statements.trades import SplitPairs, Trade

_ACTIONS: Final[dict[str, Literal["buy", "sell"]]] = {
    "buy": "buy",
    "buy_to_open": "buy",
    "buy_to_close": "buy",
    "sell": "sell",
    "sell_to_open": "sell",
    "sell_to_close": "sell",
}
_CASH: Final[dict[str, EntryType]] = {
    "deposit": "deposit",
    "withdrawal": "deposit",
    "transfer": "deposit",
    "dividend": "dividend",
    "credit interest": "interest",
    "debit interest": "interest",
    "short stock interest": "interest",
    "balance adjustment": "fee",
    "fee": "fee",
}


def _read(rows: Iterable[Row], _context: Context) -> Iterator[Outcome]:
    splits = SplitPairs()
    yield from each(rows, lambda row: _row(row, splits))
    yield from splits.unpaired()


def _row(row: Row, splits: SplitPairs) -> Outcome | Iterable[Outcome]:
    when = row.when("date")
    kind, sub = row.text("type").lower(), row.text("sub type").lower()
    action, note = row.text("action").lower(), row.text("description")
    symbol = " ".join(row.text("symbol").split())
    if kind == "money movement":
        if sub not in _CASH:
            raise unknown("the sub type", row.text("sub type") or note)
        amount = row.number("total", "net_amount")
        if amount is None:
            amount = add(row.amount("value", "net_amount"), _charged(row).copy_negate())
        named = symbol if _CASH[sub] == "dividend" else ""
        return row.cash(_CASH[sub], when, amount, row.currency("currency"), symbol=named, note=note)
    if "split" in sub:
        quantity = row.amount("quantity", "quantity")
        if action not in _ACTIONS:
            raise BadValue("enter a split with the ratio announced", "ratio_numerator")
        return splits.half(row, when, symbol, quantity, opens=_ACTIONS[action] == "buy")
    if action in _ACTIONS:
        if row.text("instrument type").lower().startswith("future"):
            raise BadValue(
                "a future is settled daily: enter its gains as interest, its losses as a fee",
                "type",
            )
        return row.read(_trade(row, _ACTIONS[action], when, symbol).entry(), note=note)
    raise BadValue(
        f"{row.text('sub type') or row.text('type')} without an action: enter by hand what it did"
        " to units and cash",
        "type",
    )


def _charged(row: Row) -> Decimal:
    """Commission and fees as one positive number: in the file they are negative."""
    parts = [row.number(name, "fee") or ZERO for name in ("commissions", "fees")]
    return -add(*parts)


def _trade(row: Row, type_: Literal["buy", "sell"], when: Moment, symbol: str) -> Trade:
    """The trade; what files write before the amounts differs, so the action says the way."""
    quantity = row.amount("quantity", "quantity").copy_abs()
    multiplier = row.size("multiplier", "multiplier") or ONE
    value = row.amount("value", "net_amount").copy_abs()
    fee = _charged(row)
    price = row.size("average price", "price")
    if price is not None and multiplier != ONE and multiply(quantity, price) == value:
        # The price of a contract, not of what it is an option on.
        price = rounded(quotient(price, multiplier))
    amount = add(value, fee) if type_ == "buy" else subtract(value, fee)
    total = row.size("total", "net_amount")
    if total is not None and amount >= ZERO:
        amount = total
    currency = row.currency("currency")
    return Trade(type_, when, currency, symbol, quantity, price, amount, fee, multiplier=multiplier)


PROFILE: Final = Profile(
    name="tastytrade",
    title="tastytrade",
    required=(
        columns(
            "date",
            "type",
            "action",
            "symbol",
            "instrument type",
            "value",
            "quantity",
            "average price",
            "commissions",
            "fees",
        ),
    ),
    read=_read,
    dates="iso",
    newest_first=True,
    currency="USD",
)
