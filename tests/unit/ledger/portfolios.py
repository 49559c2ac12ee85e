"""Random portfolios for property tests, and entries written short."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, Final, get_args
from uuid import UUID

from hypothesis import strategies as st

from backend.ledger.entries import Entry, EntryType
from backend.ledger.methods import Method
from backend.ledger.replay import Oversell, first_oversell

METHODS: Final[tuple[Method, ...]] = get_args(Method)
FIRST_DAY: Final = date(2024, 1, 1)
SYMBOLS: Final = ("AAA", "BBB")

_NUMBERS: Final = frozenset(
    {"quantity", "price", "fee", "tax", "net_amount", "multiplier", "fx_rate"}
)
_OF_UNITS: Final = frozenset(
    {"buy", "sell", "split", "return_of_capital", "transfer_in", "transfer_out"}
)
_numbers = count(1)


def entry(type_: EntryType, day: int = 0, **columns: Any) -> Entry:
    """An entry in USD on a day counted from FIRST_DAY; numbers may be written as text.

    Each has a greater id than the one made before.
    """
    given: dict[str, Any] = {
        name: Decimal(value) if name in _NUMBERS and value is not None else value
        for name, value in columns.items()
    }
    if type_ in _OF_UNITS:
        given.setdefault("symbol", SYMBOLS[0])
    defaults: dict[str, Any] = {
        "currency": "USD",
        "id": UUID(int=next(_numbers)),
        "trade_date": FIRST_DAY + timedelta(days=day),
    }
    return Entry(type=type_, **(defaults | given))


def exactly(*numbers: str | int | None) -> tuple[Decimal | None, ...]:
    """The numbers as decimals, to compare reports with."""
    return tuple(None if number is None else Decimal(number) for number in numbers)


def decimals(smallest: str, largest: str, places: int) -> st.SearchStrategy[Decimal]:
    """Decimals of so many places."""
    return st.decimals(Decimal(smallest), Decimal(largest), places=places)


quantities = decimals("0.000001", "1000", 6)
prices = decimals("0.0001", "1000", 4)
amounts = decimals("0.01", "1000", 2)
charges = decimals("0", "10", 2)
methods = st.sampled_from(METHODS)
symbols = st.sampled_from(SYMBOLS)


@st.composite
def histories(
    draw: st.DrawFn, *, least: int = 1, most: int = 12, types: tuple[EntryType, ...] | None = None
) -> list[Entry]:
    """Entries in replay order, none of which sells more than there is."""
    kinds = types or (
        "buy", "buy", "buy", "sell", "sell", "split", "dividend", "return_of_capital",
        "interest", "fee", "tax", "deposit", "withdrawal", "transfer_in", "transfer_out",
    )  # fmt: skip
    entries: list[Entry] = []
    day = 0
    for _ in range(draw(st.integers(least, most))):
        day += draw(st.integers(0, 3))
        made = draw(_entries(draw(st.sampled_from(kinds)), day))
        oversell = first_oversell([*entries, made])
        possible = made if oversell is None else _within(made, oversell)
        if possible is not None:
            entries.append(possible)
    return entries


def _within(made: Entry, oversell: Oversell) -> Entry | None:
    """The entry with what there is instead of more; None if there is nothing."""
    # What splits leave may not terminate: the columns have 18 places.
    quantity = oversell.available.quantize(Decimal("1e-18"))
    return made._replace(quantity=quantity) if quantity > 0 else None


@st.composite
def _entries(draw: st.DrawFn, type_: EntryType, day: int) -> Entry:
    if type_ == "split":
        numerator, denominator = draw(st.integers(1, 9)), draw(st.integers(1, 9))
        return entry(
            "split",
            day,
            symbol=draw(symbols),
            ratio_numerator=numerator,
            ratio_denominator=denominator,
        )
    if type_ in _OF_UNITS - {"return_of_capital"}:
        return entry(
            type_,
            day,
            symbol=draw(symbols),
            quantity=draw(quantities),
            price=draw(prices),
            fee=draw(charges),
            tax=draw(charges),
        )
    outgoing = type_ in ("fee", "tax", "withdrawal")
    amount = draw(amounts)
    return entry(
        type_,
        day,
        symbol=draw(symbols) if type_ in ("dividend", "return_of_capital") else None,
        net_amount=-amount if outgoing else amount,
    )


@st.composite
def trades(draw: st.DrawFn) -> Entry:
    """A purchase, a sale or a split on the first day, whatever there is."""
    return draw(_entries(draw(st.sampled_from(("buy", "buy", "sell", "sell", "split"))), 0))
