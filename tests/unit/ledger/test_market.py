"""Valuations and performance: missing prices and rates, conversions, splits, what is undefined."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from backend.ledger.entries import Entry
from backend.ledger.market import MissingPrice, MissingRate, Price, Rate, Rates, in_currency
from backend.ledger.performance import Performance, performance
from backend.ledger.returns import Period, time_weighted, xirr
from backend.ledger.valuation import valuation
from tests.unit.ledger.portfolios import FIRST_DAY, entry, exactly

EURO_BUY = entry("buy", symbol="BBB", quantity="2", price="50", fee="1", currency="EUR")


def day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)


def report(
    entries: list[Entry], prices: list[Price], last: int, rates: Rates | None = None, first: int = 0
) -> Performance:
    return performance(
        entries,
        prices,
        rates or Rates(),
        start=day(first),
        end=day(last),
        base_currency="USD",
        allow_short=True,
    )


def test_a_rate_holds_until_the_next_and_is_never_guessed() -> None:
    rates = Rates([Rate(day(4), "EUR", "USD", Decimal(3)), Rate(day(1), "EUR", "USD", Decimal(2))])
    assert [rates.at("EUR", "USD", day(number)) for number in (0, 1, 3, 4, 9)] == [
        None,
        *exactly(2, 2, 3, 3),
    ]
    assert rates.at("USD", "EUR", day(9)) is None
    assert rates.at("USD", "USD", day(0)) == 1


def test_what_is_missing_is_reported_and_not_counted() -> None:
    entries = [entry("buy", quantity="10", price="5"), EURO_BUY]
    found = valuation(
        entries,
        {"AAA": Decimal(6)},
        Rates(),
        base_currency="USD",
        as_of=day(3),
    )
    assert found.missing_prices == (MissingPrice("BBB", day(3)),)
    assert found.missing_rates == (MissingRate("EUR", "USD", day(3)),)
    assert found.missing_cost_rates == (MissingRate("EUR", "USD", day(0)),)
    totals = found.market_value, found.cash_value, found.total_value
    assert totals == (None, None, None)
    known, unknown = found.holdings
    assert (known.market_value, known.unrealized_pnl, known.market_value_base) == exactly(
        60, 10, 60
    )
    assert (unknown.market_value, unknown.cost_basis_base) == (None, None)
    assert [total.market_value for total in found.by_currency] == [None, 60]


def test_a_valuation_in_two_currencies() -> None:
    rates = Rates(
        [Rate(day(0), "EUR", "USD", Decimal("1.5")), Rate(day(3), "EUR", "USD", Decimal(2))]
    )
    found = valuation(
        [entry("deposit", net_amount="1000"), EURO_BUY],
        {"BBB": Decimal(60)},
        rates,
        base_currency="USD",
        as_of=day(3),
    )
    (one,) = found.holdings
    assert (one.market_value, one.unrealized_pnl, one.unrealized_pnl_gross) == exactly(120, 19, 20)
    base = one.market_value_base, one.cost_basis_base, one.cost_basis_gross_base, one.fees_base
    assert base == exactly(240, "151.5", 150, "1.5")
    totals = found.market_value, found.cash_value, found.total_value
    assert totals == exactly(240, 1000 - 202, 1038)
    assert not found.missing_prices + found.missing_rates + found.missing_cost_rates


def test_a_short_option_is_valued_with_its_multiplier() -> None:
    sold = entry("sell", quantity="2", price="5", multiplier="100", fee="3")
    found = valuation(
        [sold],
        {"AAA": Decimal(4)},
        Rates(),
        base_currency="USD",
        as_of=day(0),
        allow_short=True,
    )
    (one,) = found.holdings
    assert (one.market_value, one.unrealized_pnl, found.total_value) == exactly(-800, 197, 197)


def test_entries_are_converted_at_their_own_day_or_their_own_rate() -> None:
    rates = Rates([Rate(day(0), "EUR", "USD", Decimal(2)), Rate(day(1), "EUR", "USD", Decimal(3))])
    settled = EURO_BUY._replace(settle_currency="USD", fx_rate=Decimal("2.5"))
    later = entry("interest", 1, net_amount="10", tax="1", currency="EUR")
    split = entry("split", 1, ratio_numerator=2, ratio_denominator=1, currency="XXX")
    other = entry("interest", 1, net_amount="10", currency="CHF")
    converted, missing = in_currency([EURO_BUY, settled, later, split, other], "USD", rates)
    assert [(row.price, row.fee, row.net_amount) for row in converted] == [
        exactly(100, 2, None),
        exactly(125, "2.5", None),
        exactly(None, 0, 30),
        exactly(None, 0, None),
    ]
    assert {row.currency for row in converted} == {"USD"}
    assert missing == [MissingRate("CHF", "USD", day(1))]


def test_a_price_from_before_a_split_is_divided() -> None:
    entries = [
        entry("deposit", net_amount="1000"),
        entry("buy", quantity="10", price="100"),
        entry("split", 2, ratio_numerator=4, ratio_denominator=1),
        entry("split", 3, ratio_numerator=1, ratio_denominator=2),
    ]
    prices = [Price(day(0), "AAA", Decimal(100)), Price(day(3), "AAA", Decimal(51))]
    found = report(entries, prices, 4)
    assert [one.value for one in found.days] == [1000, 1000, 1000, 1020, 1020]
    assert found.twr == Decimal("0.02")
    later = report(entries, prices, 4, first=3)
    assert [one.value for one in later.days] == [1020, 1020]
    assert later.twr == Decimal("0.02")


def test_units_transferred_are_flows_at_the_price_of_their_day() -> None:
    entries = [
        entry("deposit", 0, net_amount="100"),
        entry("transfer_in", 1, quantity="10", price="3", fee="1"),
        entry("transfer_out", 3, quantity="4", fee="2"),
    ]
    prices = [Price(day(1), "AAA", Decimal(10)), Price(day(3), "AAA", Decimal(20))]
    found = report(entries, prices, 3)
    assert [(one.inflow, one.outflow) for one in found.days] == [
        exactly(100, 0),
        exactly(100, 0),
        exactly(0, 0),
        exactly(0, 80),
    ]
    assert [one.value for one in found.days] == [100, 199, 199, 217]
    made = found.attribution
    assert made is not None
    assert (made.currency_gains, made.fees, made.realized) == exactly(0, 2, 0)
    assert made.transfers == 100 + 30 - Decimal("12.4")


def test_a_missing_price_makes_the_return_unknown_and_is_named_once() -> None:
    entries = [entry("deposit", net_amount="10"), entry("buy", 1, quantity="1", price="10")]
    found = report(entries, [Price(day(3), "AAA", Decimal(10))], 4)
    assert found.missing_prices == (MissingPrice("AAA", day(1)),)
    assert [one.value for one in found.days] == [10, None, None, 10, 10]
    assert (found.twr, found.days[0].daily_return, found.days[4].daily_return) == exactly(
        None, 0, 0
    )
    assert found.xirr is not None
    without_rate = report([entry("deposit", net_amount="10", currency="EUR")], [], 1)
    assert without_rate.missing_rates == (MissingRate("EUR", "USD", day(0)),)
    assert (without_rate.xirr, without_rate.attribution) == (None, None)


def test_days_before_the_first_flow_have_no_return() -> None:
    found = report(
        [entry("deposit", 2, net_amount="10"), entry("interest", 3, net_amount="1")], [], 3
    )
    returns = [(one.daily_return, one.cumulative_return) for one in found.days]
    assert returns == [(None, None), (None, None), exactly(0, 0), exactly("0.1", "0.1")]


def test_without_capital_a_return_is_undefined() -> None:
    """Bought on credit: there is a gain, and nothing to relate it to."""
    entries = [entry("buy", quantity="1", price="10")]
    found = report(entries, [Price(day(0), "AAA", Decimal(11))], 1)
    assert (found.days[0].daily_return, found.twr) == (None, None)
    assert found.days[1].daily_return == 0


def test_performance_within_a_longer_history() -> None:
    entries = [
        entry("deposit", 0, net_amount="100"),
        entry("interest", 5, net_amount="100"),
        entry("interest", 370, net_amount="20"),
        entry("deposit", 371, net_amount="1000"),
    ]
    found = report(entries, [], 370, first=6)
    assert (found.twr, found.days[0].value) == exactly("0.1", 200)
    assert found.xirr is not None
    assert abs(found.xirr - Decimal("0.1")) < Decimal("1e-12")
    made = found.attribution
    assert made is not None
    assert (made.initial_value, made.earnings, made.final_value) == exactly(200, 20, 220)


def test_the_end_is_not_before_the_start() -> None:
    with pytest.raises(ValueError, match="end is before the start"):
        report([], [], 0, first=1)


@pytest.mark.parametrize(
    "flows",
    [
        [],
        [(day(0), -100)],
        [(day(0), -100), (day(9), -100)],
        [(day(0), 100), (day(9), 100)],
        [(day(0), -100), (day(0), 110)],
        [(day(0), -100), (day(9), 0)],
        [(day(0), -1), (day(2), 50)],  # 50 times in two days: no float holds the yearly rate
    ],
)
def test_undefined_rates(flows: list[tuple[date, int]]) -> None:
    assert xirr((on, Decimal(amount)) for on, amount in flows) is None


@pytest.mark.parametrize(
    ("first", "last", "days", "rate"),
    [
        ("-100", "100", 365, "0"),
        ("-100", "110", 365, "0.1"),
        ("-100", "121", 730, "0.1"),
        ("100", "-110", 365, "0.1"),
        ("-1e60", "1.5e60", 365, "0.5"),
        ("-1", "1000000", 365, "999999"),
        ("-100", "1", 365, "-0.99"),
        ("-100", "3", 2, "-1"),
    ],
)
def test_rates_of_two_flows(first: str, last: str, days: int, rate: str) -> None:
    found = xirr([(day(0), Decimal(first)), (day(days), Decimal(last))])
    assert found is not None
    assert abs(found - Decimal(rate)) <= Decimal("1e-12") * (1 + Decimal(rate))


def test_a_return_after_a_total_loss_is_undefined() -> None:
    lost = [Period(Decimal(0), Decimal(0), Decimal(0)), Period(Decimal(5), Decimal(0), Decimal(0))]
    made = time_weighted(lost, Decimal(10))
    assert [one.period for one in made] == [-1, None]
    assert [one.cumulative for one in made] == [-1, None]


def test_a_return_on_debt_is_undefined() -> None:
    owed = [Period(Decimal(-5), Decimal(0), Decimal(0))]
    (made,) = time_weighted(owed, Decimal(-10))
    assert (made.period, made.cumulative) == (None, None)


def test_no_rate_is_needed_for_cash_that_is_not_there() -> None:
    entries = [
        entry("deposit", net_amount="5"),
        entry("deposit", net_amount="7", currency="EUR"),
        entry("withdrawal", net_amount="-7", currency="EUR"),
    ]
    found = valuation(entries, {}, Rates(), base_currency="USD", as_of=day(0))
    assert found.missing_rates == ()
    assert (found.cash_value, found.total_value) == exactly(5, 5)
