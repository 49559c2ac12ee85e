"""What each type of entry needs and refuses."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal, localcontext
from typing import Final, NamedTuple

from backend.ledger.entries import (
    Entry,
    EntryType,
    UnusableEntry,
    charges,
    gross_amount,
    moves_units,
    net_amount,
    transferred_basis,
)
from backend.ledger.exact import EXACT, ONE, add

CENT = Decimal("0.01")
YEARS: Final = range(1900, 2200)
"""Those a transaction may be of: others are slips of the pen, or were read in a wrong order."""
_HALF = Decimal("0.5")

# A hundredth of the currency, by the codes that exchanges quote it under. `GBp` and `ZAc` are
# written in this case alone: in capitals the first is the pound itself.
MINOR_UNITS: Final = {
    "GBX": "GBP",
    "GBp": "GBP",
    "ZAc": "ZAR",
    "ZAC": "ZAR",
    "ILA": "ILS",
    "ILa": "ILS",
}


class Fault(NamedTuple):
    """What is wrong with one field of an entry; the reason is for its author to read."""

    field: str
    reason: str


_OF_UNITS: Final[frozenset[EntryType]] = frozenset({"buy", "sell"})
_OF_CASH: Final[frozenset[EntryType]] = frozenset({"deposit", "withdrawal"})
_WITH_SYMBOL: Final[frozenset[EntryType]] = frozenset({"buy", "sell", "split", "return_of_capital"})
_IN: Final[frozenset[EntryType]] = frozenset({"deposit", "transfer_in", "return_of_capital"})
_OUT: Final[frozenset[EntryType]] = frozenset({"withdrawal", "transfer_out"})
_REFUSED_BY_SPLITS = ("quantity", "price", "net_amount", "settle_currency")


def faults(entry: Entry) -> list[Fault]:
    """All that is wrong with an entry by itself; an empty list if it can be replayed.

    `net_amount` is held against quantity x price as they are written: it may differ by half a
    unit of the price's last decimal place for each unit of quantity, and by one hundredth. So
    hand in the price with the places its author gave it.
    """
    found = list(_numbers(entry))
    if found:
        return found
    for look in _LOOKS:
        found.extend(look(entry))
    return found


def _numbers(entry: Entry) -> Iterator[Fault]:
    for field in ("quantity", "price", "fee", "tax", "net_amount", "multiplier", "fx_rate"):
        value: Decimal | None = getattr(entry, field)
        if value is None:
            continue
        if not value.is_finite():
            yield Fault(field, "must be a finite number")
        elif value <= 0 and field in ("quantity", "multiplier", "fx_rate"):
            yield Fault(field, "must be greater than 0")
        elif value < 0 and field == "price":
            yield Fault(field, "must not be negative")


def _dates(entry: Entry) -> Iterator[Fault]:
    for field in ("trade_date", "executed_at"):
        value: date | None = getattr(entry, field)
        if value is not None and value.year not in YEARS:
            yield Fault(field, f"has a year before {YEARS.start} or after {YEARS.stop - 1}")


def whole_currency(code: str) -> str:
    """The code of a currency, as it is.

    Raises:
        ValueError: it is that of a hundredth, such as GBX.
    """
    major = MINOR_UNITS.get(code)
    if major is not None:
        raise ValueError(f"is a hundredth of {major}: say amounts in {major}")
    return code


def _currencies(entry: Entry) -> Iterator[Fault]:
    for field in ("currency", "settle_currency"):
        code: str | None = getattr(entry, field)
        try:
            whole_currency(code or "")
        except ValueError as error:
            yield Fault(field, str(error))


def _symbol(entry: Entry) -> Iterator[Fault]:
    if entry.symbol and not entry.symbol.isprintable():
        yield Fault("symbol", "has characters that cannot be printed")
    elif not entry.symbol:
        if entry.type in _WITH_SYMBOL:
            yield Fault("symbol", f"a {entry.type} needs one")
        elif entry.quantity is not None and entry.type in ("transfer_in", "transfer_out"):
            yield Fault("symbol", "a transfer of units needs one; a transfer of cash no quantity")
    elif entry.type in _OF_CASH:
        other = "transfer_in" if entry.type == "deposit" else "transfer_out"
        yield Fault("symbol", f"a {entry.type} is of cash; units move by a {other}")


def _ratio(entry: Entry) -> Iterator[Fault]:
    for field in ("ratio_numerator", "ratio_denominator"):
        value: int | None = getattr(entry, field)
        if entry.type != "split":
            if value is not None:
                yield Fault(field, "only a split has one")
        elif value is None:
            yield Fault(field, "a split needs one")
        elif value <= 0:
            yield Fault(field, "must be greater than 0")


def _split(entry: Entry) -> Iterator[Fault]:
    if entry.type != "split":
        return
    for field in _REFUSED_BY_SPLITS:
        if getattr(entry, field):
            yield Fault(field, "a split changes quantities by its ratio alone")
    for field in ("fee", "tax"):
        if getattr(entry, field):
            yield Fault(field, f"a split has none; enter it as a {field} of its own")


def _amount(entry: Entry) -> Iterator[Fault]:
    """What there must be to know quantities, basis and cash."""
    if entry.type == "split":
        return
    units = entry.type in _OF_UNITS or moves_units(entry)
    if units and entry.quantity is None:
        yield Fault("quantity", f"a {entry.type} of units needs one")
        return
    if entry.type == "transfer_out" and units:
        return
    if entry.net_amount is not None:
        return
    if entry.type in ("fee", "tax"):
        if not (entry.fee or entry.tax):
            yield Fault("net_amount", f"a {entry.type} needs its amount, here or as `{entry.type}`")
    elif gross_amount(entry) is not None:
        return
    elif units:
        yield Fault("price", f"a {entry.type} needs a price or a net_amount")
    else:
        yield Fault("net_amount", "the amount is needed, here or as quantity and price")


def _settlement(entry: Entry) -> Iterator[Fault]:
    if entry.settle_currency is None:
        return
    if entry.settle_currency == entry.currency:
        if entry.fx_rate is not None and entry.fx_rate != ONE:
            yield Fault("fx_rate", "is 1 where settle_currency is the currency itself")
    elif entry.fx_rate is None:
        yield Fault("fx_rate", "is needed to settle in another currency; it is never taken as 1")


def _sign(entry: Entry) -> Iterator[Fault]:
    amount = entry.net_amount
    if amount is None or moves_units(entry):
        return
    if amount < 0 and entry.type in _IN:
        yield Fault("net_amount", f"a {entry.type} adds to cash: it must not be negative")
    elif amount > 0 and entry.type in _OUT:
        yield Fault("net_amount", f"a {entry.type} takes from cash: it must not be positive")
    elif amount > 0 and entry.type in ("fee", "tax") and not (entry.fee or entry.tax):
        yield Fault(
            "net_amount",
            f"a {entry.type} takes from cash: it must not be positive; a refund is a negative"
            f" `{entry.type}`",
        )
    elif entry.type in _OF_UNITS and entry.price is None:
        # Fee and tax are inside: without them a sale brings more and a purchase takes less.
        gross = add(amount, charges(entry))
        if gross < 0 if entry.type == "sell" else gross > 0:
            way = "adds to" if entry.type == "sell" else "takes from"
            yield Fault("net_amount", f"a {entry.type} {way} cash, apart from its fee and tax")


def _agreement(entry: Entry) -> Iterator[Fault]:
    """Whether a given `net_amount` is what quantity, price, fee and tax make, within rounding."""
    stated = entry.net_amount
    if stated is None or entry.type == "split":
        return
    derived = _derived(entry)
    if derived is None:
        return
    with localcontext(EXACT):
        allowed = _tolerance(entry)
        apart = abs(stated - derived)
        if moves_units(entry) and entry.type == "transfer_in":
            apart = min(abs(stated + entry.fee + entry.tax), abs(abs(stated) - derived))
    if apart > allowed:
        yield Fault(
            "net_amount",
            f"differs from {derived:f}, which quantity, price, fee and tax make, by {apart:f};"
            f" at most {allowed:f} can be rounding",
        )


def _derived(entry: Entry) -> Decimal | None:
    try:
        if moves_units(entry) and entry.type == "transfer_in":
            return transferred_basis(entry._replace(net_amount=None))[0]
        if entry.type in ("fee", "tax") and not (entry.fee or entry.tax):
            return None
        return net_amount(entry._replace(net_amount=None))
    except UnusableEntry:
        return None


def _tolerance(entry: Entry) -> Decimal:
    gross = gross_amount(entry)
    if gross is None or entry.price is None or entry.quantity is None:
        return CENT
    exponent = entry.price.as_tuple().exponent
    places = min(exponent, 0) if isinstance(exponent, int) else 0
    return _HALF.scaleb(places) * entry.quantity * entry.multiplier + CENT


_LOOKS: Final[tuple[Callable[[Entry], Iterator[Fault]], ...]] = (
    _dates,
    _currencies,
    _symbol,
    _ratio,
    _split,
    _amount,
    _settlement,
    _sign,
    _agreement,
)
