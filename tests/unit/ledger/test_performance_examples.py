"""The worked examples of returns and of what made a change of value."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

import pytest

from backend.ledger.market import Price, Rates
from backend.ledger.ordering import in_replay_order
from backend.ledger.performance import Performance, performance
from backend.ledger.returns import Period, time_weighted, xirr
from tests.unit.ledger.examples import EXAMPLES, entry_of

CASES: Final[list[dict[str, Any]]] = EXAMPLES["performance_cases"]
# The identity has no numbers: test_invariants.py proves it of random portfolios.
WITHOUT_NUMBERS = {"identity"}


def of_kind(*kinds: str) -> list[Any]:
    return [pytest.param(case, id=case["id"]) for case in CASES if case["kind"] in kinds]


def test_every_kind_is_known() -> None:
    kinds = {"xirr", "roi", "twr_ledger", "twr_valuations", "attribution"}
    assert {case["kind"] for case in CASES} == kinds | WITHOUT_NUMBERS


def close(actual: Decimal | None, expected: str | None, case: dict[str, Any]) -> bool:
    if expected is None:
        return actual is None
    return actual is not None and abs(actual - Decimal(expected)) <= Decimal(case["tolerance"])


def report(case: dict[str, Any]) -> Performance:
    entries = [entry_of(row, number) for number, row in enumerate(case["transactions"])]
    return performance(
        in_replay_order(entries),
        [
            Price(date.fromisoformat(day), symbol, Decimal(price))
            for symbol, by_day in case.get("prices", {}).items()
            for day, price in by_day.items()
        ],
        Rates(),
        start=date.fromisoformat(case["start"]),
        end=date.fromisoformat(case["end"]),
        base_currency="EUR",
    )


@pytest.mark.parametrize("case", of_kind("xirr", "roi"))
def test_internal_rate(case: dict[str, Any]) -> None:
    rate = xirr(
        (date.fromisoformat(flow["date"]), Decimal(flow["amount"])) for flow in case["cashflows"]
    )
    assert set(case["expected"]) == {"irr"}
    assert close(rate, case["expected"]["irr"], case)


@pytest.mark.parametrize("case", of_kind("twr_ledger"))
def test_time_weighted_from_entries(case: dict[str, Any]) -> None:
    found = report(case)
    expected = dict(case["expected"])
    if "twr" in expected:
        assert close(found.twr, expected.pop("twr"), case)
    daily, cumulative = expected.pop("daily", ()), expected.pop("cumulative", ())
    assert expected == {}
    if daily:
        days = zip(found.days, daily, cumulative, strict=True)
        assert all(
            close(day.daily_return, one, case) and close(day.cumulative_return, chained, case)
            for day, one, chained in days
        )


@pytest.mark.parametrize("case", of_kind("twr_valuations"))
def test_time_weighted_from_values(case: dict[str, Any]) -> None:
    first, *rest = case["valuations"]
    contributed, periods = Decimal(first["net_contribution"]), []
    for row in rest:
        flow = Decimal(row["net_contribution"]) - contributed
        contributed += flow
        inflow, outflow = max(flow, Decimal(0)), max(-flow, Decimal(0))
        periods.append(Period(Decimal(row["value"]), inflow, outflow))
    returns = time_weighted(periods, Decimal(first["value"]))
    expected = case["expected"]
    for made, wanted in zip(returns, expected["subperiod_twr"], strict=True):
        assert close(made.period, wanted, case)
    assert close(returns[-1].cumulative, expected["twr"], case)
    gain = Decimal(rest[-1]["value"]) - contributed
    assert close(gain, expected["gain"], case)


@pytest.mark.parametrize("case", of_kind("attribution"))
def test_attribution(case: dict[str, Any]) -> None:
    made = report(case).attribution
    for name, amount in case["expected"].items():
        assert close(getattr(made, name), amount, case)
