"""How far the splits of a symbol may go."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from backend.ledger.entries import Entry
from backend.ledger.exact import ONE, quotient

LARGEST_RATIO: Final = 10**18
"""Units that splits, one after the other, may make of one, and of how many they may make one."""


class Oversplit(Exception):
    """A split after which those of its symbol make too much of a unit, or too little."""

    def __init__(self, entry: Entry, symbol: str) -> None:
        self.id: Final = entry.id
        self.symbol: Final = symbol
        self.date: Final = entry.trade_date
        super().__init__(f"the splits of {symbol} up to {self.date} go too far")


def bounded(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries, in replay order, as long as their splits can be counted.

    Any of a symbol's splits that follow each other, some or all, may make `LARGEST_RATIO` units
    of one at most, and one of so many. So no quantity leaves the range of exact arithmetic,
    whichever units there were at the time.

    Raises:
        Oversplit: with the split that goes too far.
    """
    most: dict[str, Decimal] = {}
    least: dict[str, Decimal] = {}
    for entry in entries:
        if entry.type == "split" and entry.symbol is not None:
            symbol = entry.symbol
            # The most and the least that the splits up to here, from any one on, make of a unit.
            most[symbol] = _split(max(most.get(symbol, ONE), ONE), entry)
            least[symbol] = _split(min(least.get(symbol, ONE), ONE), entry)
            if most[symbol] > LARGEST_RATIO or least[symbol] * LARGEST_RATIO < 1:
                raise Oversplit(entry, symbol)
        yield entry


def _split(units: Decimal, entry: Entry) -> Decimal:
    return quotient(units * (entry.ratio_numerator or 1), Decimal(entry.ratio_denominator or 1))
