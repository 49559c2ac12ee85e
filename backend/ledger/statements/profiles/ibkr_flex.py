"""Interactive Brokers: Flex queries of trades and cash transactions, short or with all columns."""

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from backend.ledger.entries import EntryType
from backend.ledger.exact import ONE, ZERO, add, multiply, subtract
from backend.ledger.statements.moments import Moment
from backend.ledger.statements.outcomes import BadValue, Outcome
from backend.ledger.statements.profile import Profile, columns
from backend.ledger.statements.row import Context, Row, each, unknown
from backend.ledger.statements.trades import Trade

CASH_TYPES: Final[dict[str, EntryType]] = {
    "dividends": "dividend",
    "payment in lieu of dividends": "dividend",
    "withholding tax": "tax",
    "871(m) withholding": "tax",
    "broker interest paid": "interest",
    "broker interest received": "interest",
    "bond interest paid": "interest",
    "bond interest received": "interest",
    "broker fees": "fee",
    "other fees": "fee",
    "advisor fees": "fee",
    "commission adjustments": "fee",
    "deposits/withdrawals": "deposit",
    "deposits & withdrawals": "deposit",
}
_WITHOUT_UNITS: Final = frozenset({"FUT", "FOP", "FSFOP", "CFD"})
_TRADES: Final = columns("buy/sell", "quantity", "tradeprice", "currencyprimary")
_CASH: Final = columns("type", "amount", "currencyprimary", "description")


def _read(rows: Iterable[Row], context: Context) -> Iterator[Outcome]:
    return each(_in_sections(rows, context.names), _row, texts=False)


def _in_sections(rows: Iterable[Row], names: tuple[str, ...]) -> Iterator[Row]:
    """The rows with the columns of the header above them: a file may have several tables."""
    first = names
    for row in rows:
        if any(cell.lower() == "currencyprimary" for cell in row.cells):
            names = PROFILE.names(row.cells)
            continue
        if names is not first:
            row.values = dict(zip(names, row.cells, strict=False))
            row.problem = ""
        yield row


def _row(row: Row) -> Outcome | Iterable[Outcome]:
    if "buy/sell" in row.values:
        return _traded(row)
    if row.text("levelofdetail").lower() == "summary":
        return row.skipped("a summary of other rows")
    kind = row.text("type").lower()
    if kind not in CASH_TYPES:
        raise unknown("the type", row.text("type"))
    note = row.text("description")
    return row.cash(
        cash_type(CASH_TYPES[kind], note),
        row.when(next((name for name in _DATES if row.text(name)), "settledate")),
        row.amount("amount", "net_amount"),
        row.currency("currencyprimary"),
        symbol="" if CASH_TYPES[kind] == "deposit" else row.text("symbol", "isin"),
        external_id=row.text("transactionid"),
        note=note,
    )


_DATES: Final = ("date/time", "datetime", "settledate")


def cash_type(type_: EntryType, description: str) -> EntryType:
    """The type of a dividend, which may be a return of capital."""
    returned = type_ == "dividend" and "return of capital" in description.lower()
    return "return_of_capital" if returned else type_


def _traded(row: Row) -> Outcome | Iterable[Outcome]:
    if row.text("levelofdetail").lower() not in ("", "execution"):
        return row.skipped("a summary of executions")
    side = row.text("buy/sell").upper()
    if side not in ("BUY", "SELL"):
        raise BadValue(f"{side}: a cancelled trade; take it and what it cancels out", "type")
    asset = row.text("assetclass").upper()
    if asset in _WITHOUT_UNITS:
        raise BadValue(
            f"{asset}: settled daily; enter its gains as interest, its losses as a fee", "type"
        )
    when = _when(row)
    type_: Literal["buy", "sell"] = "buy" if side == "BUY" else "sell"
    if asset == "CASH":
        return _exchange(row, when, type_)
    return _trade(row, when, type_)


def _when(row: Row) -> Moment:
    if row.text("datetime") or row.text("date/time"):
        return row.when("datetime" if row.text("datetime") else "date/time")
    return row.when("tradedate", "tradetime")


def _trade(row: Row, when: Moment, type_: Literal["buy", "sell"]) -> Iterator[Outcome]:
    currency, external_id = row.currency("currencyprimary"), _id(row)
    symbol = row.text("symbol", "isin")
    if not symbol:
        raise BadValue(
            "no symbol and no ISIN: a trade of currencies? Export Symbol and AssetClass too, or"
            " enter a transfer_out of one currency and a transfer_in of the other",
            "symbol",
        )
    # Commissions are negative where they are paid.
    commission = -(row.number("ibcommission", "fee") or ZERO)
    charged = row.currency("ibcommissioncurrency", "currencyprimary")
    fee = commission if charged == currency else ZERO
    tax = -(row.number("taxes", "tax") or ZERO)
    amount = row.size("netcash", "net_amount") if charged == currency else None
    gross = row.size("trademoney", "net_amount") or row.size("proceeds", "net_amount")
    if amount is None and gross is not None:
        paid = add(fee, tax)
        amount = add(gross, paid) if type_ == "buy" else subtract(gross, paid)
    trade = Trade(
        type_,
        when,
        currency,
        symbol,
        row.amount("quantity", "quantity").copy_abs(),
        row.number("tradeprice", "price"),
        amount,
        fee,
        tax,
        row.size("multiplier", "multiplier") or ONE,
    )
    yield row.read(trade.entry(), external_id, row.text("description"))
    if charged != currency:
        yield _commission(row, when)


def _exchange(row: Row, when: Moment, type_: Literal["buy", "sell"]) -> Iterator[Outcome]:
    """A trade of one currency against another: a transfer of cash each way."""
    pair, external_id = row.text("symbol"), _id(row)
    base, _, quote = pair.partition(".")
    quantity = row.amount("quantity", "quantity").copy_abs()
    paid = row.size("proceeds", "net_amount") or row.size("trademoney", "net_amount")
    paid = paid or multiply(quantity, row.amount("tradeprice", "price"))
    sign = ONE if type_ == "buy" else -ONE
    legs = ((base, quantity * sign), (quote or row.currency("currencyprimary"), -paid * sign))
    for currency, amount in legs:
        yield row.cash(
            "transfer_in",
            when,
            amount,
            currency,
            external_id=external_id and f"{external_id}:{currency}",
            note=pair,
        )
    yield _commission(row, when)


def _commission(row: Row, when: Moment) -> Outcome:
    external_id = _id(row)
    return row.cash(
        "fee",
        when,
        row.number("ibcommission", "fee") or ZERO,
        row.currency("ibcommissioncurrency", "currencyprimary"),
        external_id=external_id and f"{external_id}:fee",
        note=f"commission of {row.text('symbol', 'isin')}",
    )


def _id(row: Row) -> str:
    return row.text("transactionid", "tradeid", "ibexecid")


PROFILE: Final = Profile(
    name="ibkr_flex",
    title="Interactive Brokers Flex",
    required=(_TRADES, _CASH),
    read=_read,
    dates="ymd",
)
