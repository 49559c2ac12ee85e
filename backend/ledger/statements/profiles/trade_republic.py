"""Trade Republic: export of transactions."""

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from backend.ledger.entries import EntryType
from backend.ledger.exact import ZERO, add
from backend.ledger.statements.moments import Moment
from backend.ledger.statements.outcomes import BadValue, Outcome, ReadRow
from backend.ledger.statements.profile import Profile, columns
from backend.ledger.statements.row import Context, Row, each, unknown
from backend.ledger.statements.trades import Trade

_TRADES: Final[dict[str, Literal["buy", "sell"]]] = {"buy": "buy", "sell": "sell"}
_CASH: Final[dict[str, EntryType]] = {
    "dividend": "dividend",
    "distribution": "dividend",
    "interest_payment": "interest",
    "interest": "interest",
    "customer_inpayment": "deposit",
    "customer_inbound": "deposit",
    "customer_outbound": "deposit",
    "customer_outbound_request": "deposit",
    "transfer_in": "deposit",
    "transfer_out": "deposit",
    "transfer_inbound": "deposit",
    "transfer_outbound": "deposit",
    "transfer_instant_inbound": "deposit",
    "transfer_instant_outbound": "deposit",
    "card_transaction": "deposit",
    "card_refund": "deposit",
    "benefits_saveback": "deposit",
    "gift": "deposit",
    "tax_optimization": "tax",
    "pre_determined_tax_base": "tax",
    "fee": "fee",
}


def _read(rows: Iterable[Row], _context: Context) -> Iterator[Outcome]:
    return each(rows, _row)


def _row(row: Row) -> Outcome:
    when = _when(row)
    kind, note = row.text("type").lower(), row.text("description")
    external_id, symbol = row.text("transaction_id"), row.text("symbol")
    shares = row.size("shares", "quantity")
    fee, tax = (row.number(name, name) or ZERO for name in ("fee", "tax"))
    currency = row.currency("currency")
    if kind in _TRADES:
        # What is written is without fee and tax, which are negative.
        amount = add(row.amount("amount", "net_amount"), add(fee, tax)).copy_abs()
        trade = Trade(
            _TRADES[kind],
            when,
            currency,
            symbol,
            row.amount("shares", "quantity").copy_abs(),
            row.number("price", "price"),
            amount,
            -fee,
            -tax,
        )
        return row.read(trade.entry(), external_id, note)
    if kind not in _CASH:
        raise unknown("the type", row.text("type"))
    if shares and kind.startswith("transfer"):
        raise BadValue(
            "units came or went: enter a transfer_in with their basis, or a transfer_out", "type"
        )
    type_ = _CASH[kind]
    amount = add(row.amount("amount", "net_amount"), add(fee, tax))
    read = row.cash(
        type_,
        when,
        amount,
        currency,
        symbol="" if type_ == "deposit" else symbol,
        external_id=external_id,
        note=note,
    )
    if type_ in ("fee", "tax") or not (fee or tax) or not isinstance(read, ReadRow):
        return read
    return read._replace(values=read.values._replace(fee=-fee, tax=-tax))


def _when(row: Row) -> Moment:
    """The broker's date, and the instant beside it, which may be of another day in UTC."""
    day = row.when("date").day
    written = row.when("datetime")
    return Moment(day, written.instant)


PROFILE: Final = Profile(
    name="trade_republic",
    title="Trade Republic",
    required=(
        columns(
            "datetime",
            "date",
            "category",
            "type",
            "symbol",
            "shares",
            "price",
            "amount",
            "fee",
            "tax",
            "currency",
            "transaction_id",
        ),
    ),
    read=_read,
    dates="ymd",
)
