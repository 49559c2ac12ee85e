"""Prices and exchange rates by date, and entries in another currency."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from backend.ledger.entries import Entry
from backend.ledger.exact import ONE, ZERO, multiply


class Price(NamedTuple):
    """The price of one unit at the end of a day, in the currency it is held in, unadjusted.

    For a contract it is the quoted price, without the multiplier.
    """

    date: date
    symbol: str
    price: Decimal


class Rate(NamedTuple):
    """What one unit of a currency is worth in another at the end of a day."""

    date: date
    from_currency: str
    to_currency: str
    rate: Decimal


@dataclass(frozen=True, slots=True, order=True)
class MissingPrice:
    """A symbol that is held on a day without a price of that day or before."""

    symbol: str
    date: date


@dataclass(frozen=True, slots=True, order=True)
class MissingRate:
    """A currency that cannot be converted on a day: no rate of that day or before."""

    from_currency: str
    to_currency: str
    date: date


class Rates:
    """Exchange rates as they were given: none is inverted, chained or taken as 1.

    A rate holds until the next one. That of a currency to itself is 1.
    """

    def __init__(self, rates: Iterable[Rate] = ()) -> None:
        by_pair: dict[tuple[str, str], dict[date, Decimal]] = {}
        for on, from_currency, to_currency, rate in rates:
            by_pair.setdefault((from_currency, to_currency), {})[on] = rate
        self._series = {
            pair: (sorted(series), [series[on] for on in sorted(series)])
            for pair, series in by_pair.items()
        }

    @classmethod
    def of_one_day(cls, to_currency: str, rates: Mapping[str, Decimal], on: date) -> "Rates":
        """The rates to one currency on one day, by the currency they are of."""
        return cls(Rate(on, currency, to_currency, rate) for currency, rate in rates.items())

    def at(self, from_currency: str, to_currency: str, on: date) -> Decimal | None:
        """The latest rate up to the end of a day; None if there is none."""
        if from_currency == to_currency:
            return ONE
        dates, values = self._series.get((from_currency, to_currency), ([], []))
        place = bisect_right(dates, on)
        return values[place - 1] if place else None


def in_currency(
    entries: Iterable[Entry], currency: str, rates: Rates
) -> tuple[list[Entry], list[MissingRate]]:
    """The entries in another currency, each at the rate of its own day, and what is missing.

    An entry that settled in that currency is converted at its own `fx_rate`, which is what was
    paid. Entries whose rate is missing are left out: reports of the rest are not whole.
    """
    converted: list[Entry] = []
    missing: set[MissingRate] = set()
    for entry in entries:
        if entry.type == "split" or entry.currency == currency:
            # It settles where it is counted, if at all: the amounts are what they were.
            converted.append(entry._replace(currency=currency, settle_currency=None, fx_rate=None))
            continue
        rate = (
            entry.fx_rate
            if entry.settle_currency == currency and entry.fx_rate is not None
            else rates.at(entry.currency, currency, entry.trade_date)
        )
        if rate is None:
            missing.add(MissingRate(entry.currency, currency, entry.trade_date))
            continue
        converted.append(
            entry._replace(
                currency=currency,
                price=_times(entry.price, rate),
                fee=multiply(entry.fee, rate) if entry.fee else ZERO,
                tax=multiply(entry.tax, rate) if entry.tax else ZERO,
                net_amount=_times(entry.net_amount, rate),
                settle_currency=None,
                fx_rate=None,
            )
        )
    return converted, sorted(missing)


def _times(amount: Decimal | None, rate: Decimal) -> Decimal | None:
    return None if amount is None else multiply(amount, rate)
