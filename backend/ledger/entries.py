"""One transaction as the ledger reads it, and what it does to cash."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal, NamedTuple
from uuid import UUID

from backend.ledger.exact import ONE, ZERO, add, multiply, subtract

EntryType = Literal[
    "buy",
    "sell",
    "dividend",
    "return_of_capital",
    "interest",
    "fee",
    "tax",
    "deposit",
    "withdrawal",
    "split",
    "transfer_in",
    "transfer_out",
]


class Entry(NamedTuple):
    """One transaction, with the names of the table's columns.

    A row of a query that selects `Entry._fields` in this order can be handed to the ledger as
    it is: reports read entries by position.

    Quantities are numbers of units (shares, coins, contracts) and are positive, amounts are in
    `currency`. `net_amount` is the signed effect on cash, fees and taxes inside; when given it
    wins over quantity x price. With a `settle_currency` the cash moves there, as `net_amount`
    x `fx_rate`; the rate is in units of it for one of `currency`.
    """

    id: UUID
    type: EntryType
    trade_date: date
    currency: str
    executed_at: datetime | None = None
    sequence: int = 0
    symbol: str | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    fee: Decimal = ZERO
    tax: Decimal = ZERO
    net_amount: Decimal | None = None
    multiplier: Decimal = ONE
    fx_rate: Decimal | None = None
    settle_currency: str | None = None
    ratio_numerator: int | None = None
    ratio_denominator: int | None = None


class UnusableEntry(ValueError):
    """An entry lacks what its type needs; `backend.ledger.faults` says it in advance."""

    def __init__(self, entry_id: UUID, field: str) -> None:
        super().__init__(f"entry {entry_id}: {field} is missing")
        self.id = entry_id
        self.field = field


_OUTGOING = frozenset({"buy", "withdrawal", "transfer_out"})
_PAID = frozenset({"fee", "tax"})


def moves_units(entry: Entry) -> bool:
    """Whether it is a transfer of units rather than of cash."""
    return entry.symbol is not None and entry.type in ("transfer_in", "transfer_out")


def charges(entry: Entry) -> Decimal:
    """Its fee and tax together."""
    return add(entry.fee, entry.tax)


def fees_and_taxes(entry: Entry) -> tuple[Decimal, Decimal]:
    """The fees and the taxes that it pays in `currency`; a refund is negative.

    Where a fee or a tax on its own has nothing in its column, it is what `net_amount` takes.
    """
    fee, tax = entry.fee, entry.tax
    if entry.net_amount is not None:
        if entry.type == "fee" and not fee:
            fee = subtract(-entry.net_amount, tax)
        elif entry.type == "tax" and not tax:
            tax = subtract(-entry.net_amount, fee)
    return fee, tax


def gross_amount(entry: Entry) -> Decimal | None:
    """Quantity x price x multiplier in `currency`, unsigned; None if either is not given."""
    if entry.quantity is None or entry.price is None:
        return None
    amount = multiply(entry.quantity, entry.price)
    return amount if entry.multiplier == ONE else multiply(amount, entry.multiplier)


def net_amount(entry: Entry) -> Decimal:
    """The signed effect on cash in `currency`: what is given, or what follows from the rest.

    A transfer of units moves no cash but its fee and tax, whatever basis it states; a split
    moves none.

    Raises:
        UnusableEntry: neither `net_amount` nor quantity and price are given.
    """
    if entry.type == "split":
        return ZERO
    if moves_units(entry):
        return -charges(entry)
    if entry.net_amount is not None:
        return entry.net_amount
    if entry.type in _PAID:
        return -charges(entry)
    gross = gross_amount(entry)
    if gross is None:
        raise UnusableEntry(entry.id, "net_amount")
    if entry.type in _OUTGOING:
        gross = -gross
    return subtract(gross, charges(entry))


def cash_movement(entry: Entry) -> tuple[str, Decimal]:
    """The currency in which cash moves, and the signed amount of it.

    Raises:
        UnusableEntry: there is no amount, or no rate to the currency of settlement.
    """
    amount = net_amount(entry)
    if entry.settle_currency is None or entry.settle_currency == entry.currency:
        return entry.currency, amount
    if entry.fx_rate is None:
        raise UnusableEntry(entry.id, "fx_rate")
    return entry.settle_currency, multiply(amount, entry.fx_rate)


def transferred_basis(entry: Entry) -> tuple[Decimal, Decimal]:
    """The basis that units transferred in bring, and the same without fee and tax.

    It is the magnitude of `net_amount`, fee and tax inside, if that is given and is not just the
    cash that the transfer costs; else quantity x price x multiplier, plus fee and tax.

    Raises:
        UnusableEntry: neither is given.
    """
    paid = charges(entry)
    gross = gross_amount(entry)
    stated = entry.net_amount
    if stated is not None and (gross is None or stated != -paid):
        basis = stated.copy_abs()
        return basis, subtract(basis, paid) if gross is None else gross
    if gross is None:
        raise UnusableEntry(entry.id, "price")
    return add(gross, paid), gross
