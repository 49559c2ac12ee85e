"""Rates of return: time-weighted by day, and the internal rate of cash flows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from math import exp, expm1, fsum

from backend.ledger.exact import EXACT, ONE, ZERO, quotient

DAYS_OF_A_YEAR = 365
LARGEST_GROWTH = Decimal(10) ** 50
"""By how much a chain of returns may multiply: what goes beyond began with next to nothing, and
could go on until a report has millions of digits."""

# The widest ln(1 + rate) looked at: beyond, the rate does not fit a float.
_WIDEST = 700.0
_FIRST_STEP = 0.005
_GROWTH = 1.15
_HALVINGS = 200


@dataclass(frozen=True, slots=True)
class Period:
    """A period's value at its end, and what came in at its start and left at its end.

    `value` is None where it is unknown, `inflow` and `outflow` are unsigned.
    """

    value: Decimal | None
    inflow: Decimal | None
    outflow: Decimal | None


@dataclass(frozen=True, slots=True)
class Return:
    """A period's return and that of all periods up to its end; None where undefined."""

    period: Decimal | None
    cumulative: Decimal | None


def time_weighted(periods: Iterable[Period], initial_value: Decimal | None = ZERO) -> list[Return]:
    """Time-weighted returns: (value + outflow) / (value before + inflow) - 1, chained.

    A period in which nothing was invested (all four are zero) has no return and does not break
    the chain. One whose divisor is zero or negative, or in which something is unknown, has none
    either, and neither has the chain from there on, nor from where it grows beyond
    `LARGEST_GROWTH`.
    """
    found: list[Return] = []
    before = initial_value
    growth: Decimal | None = ONE
    begun = False
    with localcontext(EXACT):
        for period in periods:
            factor = _factor(before, period)
            idle = factor is None and _nothing(before, period)
            if factor is not None:
                begun = True
                growth = None if growth is None else _rounded(growth * factor)
                if growth is not None and growth > LARGEST_GROWTH:
                    growth = None
            elif not idle:
                growth = None
            defined = growth is not None and begun
            found.append(
                Return(
                    None if factor is None else factor - ONE,
                    growth - ONE if defined and growth is not None else None,
                )
            )
            before = period.value
    return found


def _factor(before: Decimal | None, period: Period) -> Decimal | None:
    if before is None or period.value is None or period.inflow is None or period.outflow is None:
        return None
    invested = before + period.inflow
    return quotient(period.value + period.outflow, invested) if invested > 0 else None


def _nothing(before: Decimal | None, period: Period) -> bool:
    amounts = (before, period.value, period.inflow, period.outflow)
    return all(amount is not None and not amount for amount in amounts)


def _rounded(growth: Decimal) -> Decimal:
    """To 50 digits: a product of thousands of quotients would grow without end."""
    return quotient(growth, ONE)


def xirr(flows: Iterable[tuple[date, Decimal]]) -> Decimal | None:
    """The yearly rate at which dated cash flows, discounted to the first date, are worth nothing.

    Money put in is negative, money taken out and the final value are positive; a year has 365
    days. The root nearest to 0 is bracketed and then bisected, to about 15 digits. None where
    it is undefined: without both signs, on a single date, or without a root in reach.
    """
    totals: dict[date, Decimal] = {}
    with localcontext(EXACT):
        for on, amount in flows:
            totals[on] = totals.get(on, ZERO) + amount
    dated = sorted((on, amount) for on, amount in totals.items() if amount)
    if not (any(amount < 0 for _, amount in dated) and any(amount > 0 for _, amount in dated)):
        return None
    first = dated[0][0]
    largest = max(abs(amount) for _, amount in dated)
    # Relative to the largest, so that amounts beyond a float's range are no trouble.
    terms = [
        ((on - first).days / DAYS_OF_A_YEAR, float(quotient(amount, largest)))
        for on, amount in dated
    ]
    bracket = _bracket(terms)
    return None if bracket is None else Decimal(repr(expm1(_bisected(terms, *bracket))))


def _worth(terms: Sequence[tuple[float, float]], log_rate: float) -> float:
    """The sign of the present value, at a scale at which no term overflows."""
    exponents = [-log_rate * years for years, _ in terms]
    largest = max(exponents)
    return fsum(
        amount * exp(exponent - largest)
        for exponent, (_, amount) in zip(exponents, terms, strict=True)
    )


def _bracket(terms: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    """The two points nearest to 0 between which the present value changes its sign."""
    above = below = 0.0
    value_above = value_below = _worth(terms, 0.0)
    step = _FIRST_STEP
    while above < _WIDEST:
        next_above = min(above + step, _WIDEST)
        next_below = -next_above
        next_value_above, next_value_below = _worth(terms, next_above), _worth(terms, next_below)
        for bracket, ends in (
            ((above, next_above), (value_above, next_value_above)),
            ((next_below, below), (next_value_below, value_below)),
        ):
            if min(ends) <= 0 <= max(ends) and ends != (0.0, 0.0):
                return bracket
        above, value_above = next_above, next_value_above
        below, value_below = next_below, next_value_below
        step *= _GROWTH
    return None


def _bisected(terms: Sequence[tuple[float, float]], low: float, high: float) -> float:
    rising = _worth(terms, high) > _worth(terms, low)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if (_worth(terms, middle) > 0) == rising:
            high = middle
        else:
            low = middle
    return (low + high) / 2
