"""The invariants of rates of return and of attribution."""

from datetime import timedelta
from decimal import Decimal, localcontext
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ledger.entries import Entry
from backend.ledger.exact import EXACT, ZERO
from backend.ledger.market import Price, Rate, Rates
from backend.ledger.methods import Method
from backend.ledger.performance import performance
from backend.ledger.returns import LARGEST_GROWTH, Period, time_weighted, xirr
from tests.unit.ledger.portfolios import (
    FIRST_DAY,
    SYMBOLS,
    entry,
    histories,
    methods,
    prices,
)

few = settings(max_examples=40, deadline=None)

FLOWS: Final = st.lists(
    st.tuples(st.integers(0, 2000), st.integers(-10_000, 10_000)), min_size=2, max_size=8
)


@few
@given(FLOWS, st.integers(1, 5000), st.integers(1, 1000))
def test_xirr_makes_flows_worth_nothing(
    flows: list[tuple[int, int]], shift: int, factor: int
) -> None:
    dated = [(FIRST_DAY + timedelta(days=day), Decimal(amount)) for day, amount in flows]
    rate = xirr(dated)
    if rate is None:
        return
    first = min(on for on, amount in dated if amount)
    growth = float(1 + rate)
    if 1e-3 < growth < 1e3:
        discounted = [float(amount) / growth ** ((on - first).days / 365) for on, amount in dated]
        assert abs(sum(discounted)) <= 1e-6 * sum(map(abs, discounted))
    later = [(on + timedelta(days=shift), amount * factor) for on, amount in dated]
    again = xirr(later)
    assert again is not None
    assert abs(again - rate) <= Decimal("1e-9") * abs(1 + rate)


@few
@given(st.lists(prices, min_size=2, max_size=10))
def test_holding_one_unit_returns_the_ratio_of_its_prices(quotes: list[Decimal]) -> None:
    days = [FIRST_DAY + timedelta(days=number) for number in range(len(quotes))]
    entries = [
        entry("deposit", net_amount=quotes[0]),
        entry("buy", quantity="1", price=quotes[0]),
    ]
    market = [Price(day, SYMBOLS[0], quote) for day, quote in zip(days, quotes, strict=True)]
    found = performance(entries, market, Rates(), start=days[0], end=days[-1], base_currency="USD")
    assert found.twr is not None
    assert abs(found.twr + 1 - quotes[-1] / quotes[0]) < Decimal("1e-20")


@few
@given(
    st.lists(st.decimals(1, 1000, places=2), min_size=2, max_size=10),
    st.integers(0, 9),
    st.decimals(1, 1000, places=2),
)
def test_a_deposit_moves_no_other_day(values: list[Decimal], at: int, deposit: Decimal) -> None:
    """Its own day aside, returns of days without flows are what they were, and chain."""
    at %= len(values)
    plain = [Period(value, ZERO, ZERO) for value in values]
    returns = time_weighted(plain, Decimal(100))
    before = values[at - 1] if at else Decimal(100)
    grown = [values[at] / before * (before + deposit), *values[at + 1 :]]
    ratio = grown[0] / values[at]
    more = [
        *plain[:at],
        Period(grown[0], deposit, ZERO),
        *(Period(value * ratio, ZERO, ZERO) for value in values[at + 1 :]),
    ]
    for one, other in zip(returns, time_weighted(more, Decimal(100)), strict=True):
        assert one.period is not None
        assert other.period is not None
        assert abs(one.period - other.period) < Decimal("1e-20")
    chained = time_weighted(plain[:at], Decimal(100))[-1].cumulative if at else ZERO
    rest = time_weighted(plain[at:], before)[-1].cumulative
    whole = returns[-1].cumulative
    assert chained is not None
    assert rest is not None
    assert whole is not None
    assert abs((1 + chained) * (1 + rest) - (1 + whole)) < Decimal("1e-20")


@few
@given(histories(least=3), methods, st.lists(prices, min_size=6, max_size=6), st.integers(0, 10))
def test_attribution_explains_the_change_of_value(
    entries: list[Entry], method: Method, quotes: list[Decimal], start: int
) -> None:
    days = [FIRST_DAY + timedelta(days=offset) for offset in (-1, start, 50)]
    pairs = [(day, symbol) for day in days for symbol in SYMBOLS]
    market = [Price(day, symbol, quote) for (day, symbol), quote in zip(pairs, quotes, strict=True)]
    in_usd, in_euro = (
        performance(
            entries,
            market,
            Rates([Rate(days[0], "USD", "EUR", rate), Rate(days[1], "USD", "EUR", rate * 2)]),
            start=days[1],
            end=days[2],
            base_currency=base,
            method=method,
        ).attribution
        for base, rate in (("USD", Decimal(1)), ("EUR", Decimal("0.9")))
    )
    assert in_usd is not None
    assert in_usd.currency_gains == 0
    assert in_euro is not None
    with localcontext(EXACT):
        change = in_euro.final_value - in_euro.initial_value
        assert in_euro.initial_value * 10 == in_usd.initial_value * 9
        assert change == (
            in_euro.unrealized_change
            + in_euro.realized
            + in_euro.earnings
            - in_euro.fees
            - in_euro.taxes
            + in_euro.currency_gains
            + in_euro.transfers
        )


@few
@given(histories(least=3), st.lists(prices, min_size=4, max_size=4), st.sampled_from((3, 1000)))
def test_rates_of_return_do_not_scale(
    entries: list[Entry], quotes: list[Decimal], factor: int
) -> None:
    days = FIRST_DAY, FIRST_DAY + timedelta(days=7)
    pairs = [(day, symbol) for day in days for symbol in SYMBOLS]
    rates = []
    for k in (1, factor):
        market = [
            Price(day, symbol, quote * k)
            for (day, symbol), quote in zip(pairs, quotes, strict=True)
        ]
        times = [
            row._replace(
                price=None if row.price is None else row.price * k,
                net_amount=None if row.net_amount is None else row.net_amount * k,
                fee=row.fee * k,
                tax=row.tax * k,
            )
            for row in entries
        ]
        found = performance(times, market, Rates(), start=days[0], end=days[1], base_currency="USD")
        rates.append((found.twr, found.xirr))
    (twr, xirr_), (scaled_twr, scaled_xirr) = rates
    for rate, scaled in ((twr, scaled_twr), (xirr_, scaled_xirr)):
        assert (rate is None) == (scaled is None)
        if rate is not None and scaled is not None:
            assert abs(rate - scaled) <= Decimal("1e-9") * abs(1 + rate)


def test_a_chain_that_grows_without_end_ends() -> None:
    """Each day all but a hair is taken out, and what is left earns as much again."""
    tenfold = Period(Decimal(1), ZERO, Decimal(9))
    found = time_weighted([tenfold] * 52, Decimal(1))
    assert found[49].cumulative == EXACT.subtract(LARGEST_GROWTH, Decimal(1))
    assert [one.cumulative for one in found[50:]] == [None, None]
    assert {one.period for one in found} == {Decimal(9)}
