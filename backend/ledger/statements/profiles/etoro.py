"""eToro: account activity."""

from collections.abc import Iterable, Iterator
from typing import Final

from backend.ledger.entries import EntryType
from backend.ledger.statements.outcomes import BadValue, Outcome
from backend.ledger.statements.profile import Profile, columns
from backend.ledger.statements.row import Context, Row, each, unknown
from backend.ledger.statements.trades import Trade

_CASH: Final[dict[str, EntryType]] = {
    "dividend": "dividend",
    "interest payment": "interest",
    "deposit": "deposit",
    "withdraw request": "deposit",
    "withdraw fee": "fee",
    "withdrawal conversion fee": "fee",
    "deposit conversion fee": "fee",
    "overnight fee": "fee",
    "overnight refund": "fee",
    "rollover fee": "fee",
    "sdrt": "tax",
}
_UNITS: Final = frozenset({"stocks", "etf", "crypto", ""})


def _read(rows: Iterable[Row], _context: Context) -> Iterator[Outcome]:
    return each(rows, _row)


def _row(row: Row) -> Outcome:
    when, kind = row.when("date"), row.text("type").lower()
    symbol = row.text("details").partition("/")[0]
    amount = row.amount("amount", "net_amount")
    if kind in ("open position", "position closed"):
        if row.text("asset type").lower() not in _UNITS:
            raise BadValue(
                f"{row.text('asset type')} has no units here: enter its gain as interest, its loss"
                " as a fee",
                "type",
            )
        buys = kind == "open position"
        # No price is written, and its currency may not be that of the account.
        trade = Trade(
            "buy" if buys else "sell",
            when,
            row.currency(),
            symbol,
            row.amount("units", "quantity").copy_abs(),
            None,
            amount.copy_abs(),
        )
        position = row.text("position id")
        external_id = f"{'open' if buys else 'close'}:{position}" if position != "-" else None
        return row.read(trade.entry(), external_id, row.text("details"))
    if kind not in _CASH:
        raise unknown("the type", row.text("type"))
    type_ = _CASH[kind]
    named = symbol if type_ == "dividend" else ""
    return row.cash(type_, when, amount, row.currency(), symbol=named, note=row.text("type"))


PROFILE: Final = Profile(
    name="etoro",
    title="eToro",
    required=(columns("date", "type", "details", "amount", "units", "position id", "asset type"),),
    read=_read,
    dates="dmy",
    asks_currency=True,
)
