"""Trading 212: history; its columns differ from year to year."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import reduce
from typing import Final, Literal, NamedTuple

from backend.ledger.entries import Entry, EntryType
from backend.ledger.exact import ZERO, add, multiply, quotient, rounded, subtract
from backend.ledger.statements.currencies import currency_of, in_major_units
from backend.ledger.statements.moments import Moment
from backend.ledger.statements.outcomes import NO_ID, BadValue, Outcome, ReadRow
from backend.ledger.statements.profile import Profile, columns
from backend.ledger.statements.row import Context, Row, each, unknown
from backend.ledger.statements.trades import SplitPairs, Trade

_TRADE: Final = re.compile(r"(?:market|limit|stop|stop limit) (buy|sell)")
_CASH: Final[dict[str, EntryType]] = {
    "deposit": "deposit",
    "withdrawal": "deposit",
    "card debit": "deposit",
    "card credit": "deposit",
    "spending cashback": "deposit",
    "interest on cash": "interest",
    "lending interest": "interest",
    "dividend adjustment": "dividend",
}
_BY_HAND: Final = {
    "stock distribution": "shares were given; enter a transfer_in with their basis",
    "transfer in": "enter a transfer_in with the basis of the shares",
    "result adjustment": "enter the correction as a fee, or as a deposit",
    "currency conversion": "enter a transfer_out of one currency and a transfer_in of the other",
}

# Before 2023 the currency stood in the name of the column: `Total (EUR)`.
_WITH_CURRENCY: Final = re.compile(r"(.+) \(([a-z]{3})\)")
_CHARGE: Final = re.compile(r".*\b(fee|fees|levy|commission)\b.*")
_TAX: Final = re.compile(r".*\b(tax|duty)\b.*")


class _Charge(NamedTuple):
    type: Literal["fee", "tax"]
    name: str
    amount: Decimal
    currency: str


def _read(rows: Iterable[Row], context: Context) -> Iterator[Outcome]:
    splits = SplitPairs()
    charges = _charges_among(context.names)
    total = next((name for name in context.names if name.startswith("total (")), "total")
    yield from each(rows, lambda row: _row(row, splits, charges, total))
    yield from splits.unpaired()


def _row(
    row: Row, splits: SplitPairs, charges: dict[str, Literal["fee", "tax"]], total: str
) -> Outcome | Iterable[Outcome]:
    when = row.when("time")
    action = " ".join(row.text("action").lower().split())
    symbol, external_id = row.text("ticker", "isin"), row.text("id")
    if found := _TRADE.fullmatch(action):
        type_: Literal["buy", "sell"] = "buy" if found[1] == "buy" else "sell"
        return _trade(row, type_, when, total, [*_charges(row, charges)])
    if action in ("stock split open", "stock split close"):
        quantity = row.amount("no. of shares", "quantity")
        return splits.half(row, when, symbol, quantity, opens=action.endswith("open"))
    cash = "dividend" if action.startswith("dividend (") else _CASH.get(action)
    if cash:
        currency, amount = _total(row, total)
        named = symbol if cash == "dividend" else ""
        if action in ("withdrawal", "card debit"):
            amount = -amount.copy_abs()
        read = row.cash(cash, when, amount, currency, symbol=named, external_id=external_id)
        return _less_tax(row, read) if cash == "dividend" else read
    if action == "transfer out" and symbol:
        quantity = row.amount("no. of shares", "quantity").copy_abs()
        currency = row.currency("currency (price / share)")
        values = Entry(
            NO_ID,
            "transfer_out",
            when.day,
            currency,
            when.instant,
            symbol=symbol,
            quantity=quantity,
        )
        return row.read(values, external_id)
    if action in _BY_HAND:
        raise BadValue(f"{row.text('action')}: {_BY_HAND[action]}", "type")
    raise unknown("the action", row.text("action"))


def _trade(
    row: Row,
    type_: Literal["buy", "sell"],
    when: Moment,
    total: str,
    charges: list[_Charge],
) -> Iterator[Outcome]:
    """The trade in the currency of its price, and its charges.

    The total has all charges of its own currency inside. Where the price is in another one, the
    rate is what the units cost by both, and charges are rows of their own.
    """
    symbol = row.text("ticker", "isin")
    currency, minor = row.currency_and_unit("currency (price / share)")
    price = row.amount("price / share", "price")
    price = in_major_units(price) if minor else price
    quantity = row.amount("no. of shares", "quantity").copy_abs()
    settled, amount = _total(row, total)
    amount = amount.copy_abs()
    inside = [charge for charge in charges if charge.currency == settled]
    fee, tax = _sum(inside, "fee"), _sum(inside, "tax")
    external_id = row.text("id")
    if settled == currency:
        trade = Trade(type_, when, currency, symbol, quantity, price, amount, fee, tax)
        yield row.read(trade.entry(), external_id)
        apart = [charge for charge in charges if charge.currency != settled]
    else:
        paid = add(fee, tax)
        units = subtract(amount, paid) if type_ == "buy" else add(amount, paid)
        gross = multiply(quantity, price)
        if not gross or units <= 0:
            raise BadValue("neither price nor total say a rate of exchange", "fx_rate")
        values = Trade(type_, when, currency, symbol, quantity, price).entry()
        rate = rounded(quotient(units, gross))
        yield row.read(values._replace(settle_currency=settled, fx_rate=rate), external_id)
        apart = charges
    for at, charge in enumerate(apart, 1):
        yield row.cash(
            charge.type,
            when,
            -charge.amount,
            charge.currency,
            external_id=f"{external_id}:{charge.type}:{at}" if external_id else None,
            note=charge.name,
        )


def _sum(charges: list[_Charge], type_: Literal["fee", "tax"]) -> Decimal:
    return reduce(add, (charge.amount for charge in charges if charge.type == type_), ZERO)


def _less_tax(row: Row, read: Outcome) -> Outcome:
    """A dividend with what was withheld, where that is in the currency that was paid."""
    withheld = row.size("withholding tax", "tax")
    if not withheld or not isinstance(read, ReadRow):
        return read
    currency = row.text("currency (withholding tax)")
    if currency == read.values.currency:
        return read._replace(values=read.values._replace(tax=withheld))
    return read._replace(note=f"withheld: {withheld:f} {currency}")


def _total(row: Row, name: str) -> tuple[str, Decimal]:
    in_name = _WITH_CURRENCY.fullmatch(name)
    currency = in_name[2].upper() if in_name else row.currency("currency (total)")
    return currency, row.amount(name, "net_amount")


def _charges_among(names: tuple[str, ...]) -> dict[str, Literal["fee", "tax"]]:
    """The columns of charges; what was withheld from dividends is not one."""
    found: dict[str, Literal["fee", "tax"]] = {}
    for name in names:
        if name.startswith(("currency (", "withholding tax")):
            continue
        if _TAX.fullmatch(name):
            found[name] = "tax"
        elif _CHARGE.fullmatch(name):
            found[name] = "fee"
    return found


def _charges(row: Row, among: dict[str, Literal["fee", "tax"]]) -> Iterator[_Charge]:
    for name, type_ in among.items():
        amount = row.size(name, type_)
        if amount:
            in_name = _WITH_CURRENCY.fullmatch(name)
            written = in_name[2] if in_name else row.text(f"currency ({name})", "currency (total)")
            yield _Charge(type_, name, amount, currency_of(written)[0])


PROFILE: Final = Profile(
    name="trading212",
    title="Trading 212",
    required=(columns("action", "time", "ticker", "no. of shares", "price / share"),),
    renamed={"time (utc)": "time"},
    read=_read,
)
