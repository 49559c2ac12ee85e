"""Report of performance: daily values, time-weighted return, XIRR, and what made the change."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Final

from backend.ledger.entries import Entry
from backend.ledger.exact import EXACT
from backend.ledger.market import MissingPrice, MissingRate, Price, Rates
from backend.ledger.methods import Method
from backend.ledger.returns import Period, time_weighted, xirr
from backend.ledger.timeline import DayEnd, Parts, Timeline

CONVENTION: Final = (
    "Time-weighted return: for each day (value + outflow) / (value of the day before + inflow) - 1,"
    " chained; inflows count from the start of their day, outflows until its end. Flows are"
    " deposits, withdrawals and transfers; units at the price of their day. XIRR: the yearly rate"
    " of the flows, the first and the last value, with a year of 365 days. Undefined is null."
)


@dataclass(frozen=True, slots=True)
class Day:
    """The end of one day in the base currency; None where unknown or undefined."""

    date: date
    value: Decimal | None
    inflow: Decimal | None
    outflow: Decimal | None
    daily_return: Decimal | None
    cumulative_return: Decimal | None


@dataclass(frozen=True, slots=True)
class Attribution:
    """What made the value of the beginning that of the end, in the base currency.

    `final_value` = `initial_value` + `unrealized_change` + `realized` + `earnings` - `fees` -
    `taxes` + `currency_gains` + `transfers`, exactly. `earnings` are dividends and interest
    after their fee and tax, `fees` and `taxes` those that are in no cost or proceeds,
    `transfers` what came in less what left: cash, and units at their basis. Each amount is at
    the rate of its day; `currency_gains` is what the change of rates adds to that.
    """

    initial_value: Decimal
    unrealized_change: Decimal
    realized: Decimal
    earnings: Decimal
    fees: Decimal
    taxes: Decimal
    currency_gains: Decimal
    transfers: Decimal
    final_value: Decimal


@dataclass(frozen=True, slots=True)
class Performance:
    """How a portfolio did from the start of one day to the end of another.

    `twr` and `xirr` are None where undefined; `attribution` is None if something is missing.
    `missing_*` have the first day of each symbol or currency that lacks a price or a rate.
    """

    start: date
    end: date
    base_currency: str
    convention: str
    days: tuple[Day, ...]
    twr: Decimal | None
    xirr: Decimal | None
    attribution: Attribution | None
    missing_prices: tuple[MissingPrice, ...]
    missing_rates: tuple[MissingRate, ...]


def performance(
    entries: Iterable[Entry],
    prices: Iterable[Price],
    rates: Rates,
    *,
    start: date,
    end: date,
    base_currency: str,
    method: Method = "fifo",
    allow_short: bool = False,
) -> Performance:
    """How a portfolio did from the start of `start` to the end of `end`.

    A price holds until the next one, divided by the splits in between; a rate until the next
    one. What the portfolio was worth before `start` needs prices of then. `method` only moves
    amounts between realized and unrealized. Entries come in replay order, all from the
    beginning.

    Raises:
        ValueError: `end` is before `start`.
        Oversell: more units leave than there are.
        UnusableEntry: an entry lacks what its type needs.
    """
    if end < start:
        raise ValueError("the end is before the start")
    timeline = Timeline(
        entries, prices, rates, base_currency, method=method, allow_short=allow_short
    )
    opening = timeline.skip_to(start - timedelta(days=1))
    unrealized_before = timeline.unrealized()
    ends = [timeline.advance(start + timedelta(days=n)) for n in range((end - start).days + 1)]
    returns = time_weighted(
        (Period(day.value, day.inflow, day.outflow) for day in ends), opening.value
    )
    days = tuple(
        Day(day.date, day.value, day.inflow, day.outflow, made.period, made.cumulative)
        for day, made in zip(ends, returns, strict=True)
    )
    return Performance(
        start=start,
        end=end,
        base_currency=base_currency,
        convention=CONVENTION,
        days=days,
        twr=days[-1].cumulative_return,
        xirr=_internal_rate(opening, ends),
        attribution=_attribution(
            opening.value, ends[-1].value, unrealized_before, timeline.unrealized(), timeline.parts
        ),
        missing_prices=tuple(sorted(timeline.missing_prices.values())),
        missing_rates=tuple(sorted(timeline.missing_rates.values())),
    )


def _internal_rate(opening: DayEnd, ends: list[DayEnd]) -> Decimal | None:
    if opening.value is None or ends[-1].value is None:
        return None
    flows = [(opening.date, -opening.value), (ends[-1].date, ends[-1].value)]
    for day in ends:
        if day.inflow is None or day.outflow is None:
            return None
        flows.append((day.date, day.outflow - day.inflow))
    return xirr(flows)


def _attribution(
    initial: Decimal | None,
    final: Decimal | None,
    unrealized_before: Decimal | None,
    unrealized_after: Decimal | None,
    parts: Parts,
) -> Attribution | None:
    if (
        initial is None
        or final is None
        or unrealized_before is None
        or unrealized_after is None
        or parts.realized is None
        or parts.earnings is None
        or parts.fees is None
        or parts.taxes is None
        or parts.transfers is None
    ):
        return None
    with localcontext(EXACT):
        unrealized_change = unrealized_after - unrealized_before
        explained = (
            unrealized_change
            + parts.realized
            + parts.earnings
            - parts.fees
            - parts.taxes
            + parts.transfers
        )
        return Attribution(
            initial_value=initial,
            unrealized_change=unrealized_change,
            realized=parts.realized,
            earnings=parts.earnings,
            fees=parts.fees,
            taxes=parts.taxes,
            currency_gains=final - initial - explained,
            transfers=parts.transfers,
            final_value=final,
        )
