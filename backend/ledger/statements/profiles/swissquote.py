"""Swissquote: transactions."""

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from backend.ledger.entries import EntryType
from backend.ledger.exact import ZERO
from backend.ledger.statements.outcomes import Outcome, ReadRow
from backend.ledger.statements.profile import Profile, columns
from backend.ledger.statements.row import Context, Row, each, unknown
from backend.ledger.statements.trades import Trade

_TRADES: Final[dict[str, Literal["buy", "sell"]]] = {
    "buy": "buy",
    "kauf": "buy",
    "achat": "buy",
    "sell": "sell",
    "verkauf": "sell",
    "vente": "sell",
}
_CASH: Final[dict[str, EntryType]] = {
    "dividend": "dividend",
    "dividende": "dividend",
    "capital gain": "dividend",
    "return of capital": "return_of_capital",
    "interests": "interest",
    "zinsen": "interest",
    "custody fees": "fee",
    "depotgeb\u00fchren": "fee",
    "fees tax statement": "fee",
    "tax": "tax",
    "credit": "deposit",
    "debit": "deposit",
    "payment": "deposit",
    "zahlung": "deposit",
    "verg\u00fctung": "deposit",
    "forex credit": "transfer_in",
    "forex debit": "transfer_in",
    "fx-spot credit": "transfer_in",
    "fx-spot debit": "transfer_in",
}


def _read(rows: Iterable[Row], _context: Context) -> Iterator[Outcome]:
    return each(rows, _row)


def _row(row: Row) -> Outcome:
    when, kind = row.when("date"), row.text("transaction").lower()
    symbol, note = row.text("symbol", "isin"), row.text("name")
    costs = row.size("costs") or ZERO
    currency, amount = row.currency("currency"), row.amount("net amount", "net_amount")
    if kind in _TRADES:
        trade = Trade(
            _TRADES[kind],
            when,
            currency,
            symbol,
            row.amount("quantity", "quantity").copy_abs(),
            row.number("unit price", "price"),
            amount.copy_abs(),
            fee=costs,
        )
        return row.read(trade.entry(), note=note)
    if kind not in _CASH:
        raise unknown("the transaction", row.text("transaction"))
    type_ = _CASH[kind]
    named = "" if type_ in ("deposit", "transfer_in") else symbol
    read = row.cash(
        type_, when, amount, currency, symbol=named, note=note or row.text("transaction")
    )
    if isinstance(read, ReadRow) and costs and type_ in ("dividend", "deposit"):
        tax, fee = (costs, ZERO) if type_ == "dividend" else (ZERO, costs)
        return read._replace(values=read.values._replace(fee=fee, tax=tax))
    return read


PROFILE: Final = Profile(
    name="swissquote",
    title="Swissquote",
    required=(
        columns(
            "date",
            "order #",
            "transaction",
            "symbol",
            "quantity",
            "unit price",
            "costs",
            "net amount",
            "currency",
        ),
    ),
    read=_read,
    dates="dmy",
    newest_first=True,
)
