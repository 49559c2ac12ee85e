"""The worked examples of returns, over HTTP on both databases."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import pytest

from tests.clients import Client
from tests.unit.ledger.examples import EXAMPLES, entry_of
from tests.unit.transactions.books import Book, body_of, earn, flow, performance

ZERO: Final = Decimal(0)
# The identity has no numbers: `performance` holds each report to it.
PERFORMANCE: Final[list[dict[str, Any]]] = [
    case for case in EXAMPLES["performance_cases"] if case["kind"] != "identity"
]


def test_performance(alice: Client, subtests: pytest.Subtests) -> None:
    for case in PERFORMANCE:
        with subtests.test(case["id"]):
            check(Book(alice, case["id"]), case)


def check(book: Book, case: dict[str, Any]) -> None:
    tolerance = Decimal(case["tolerance"])

    def close(actual: str | Decimal | None, expected: str | None) -> bool:
        if actual is None or expected is None:
            return actual == expected
        return abs(Decimal(actual) - Decimal(expected)) <= tolerance

    expected = case["expected"]
    if case["kind"] in ("xirr", "roi"):
        flows = [(one["date"], -Decimal(one["amount"])) for one in case["cashflows"]]
        for on, amount in flows:
            flow(book, on, amount)
        earn(book, flows[-1][0], -sum((amount for _, amount in flows), ZERO))
        assert close(performance(book, flows[0][0], flows[-1][0])["xirr"], expected["irr"])
    elif case["kind"] == "twr_valuations":
        value = contributed = ZERO
        for row in case["valuations"]:
            moved = Decimal(row["net_contribution"]) - contributed
            flow(book, row["date"], moved)
            earn(book, row["date"], Decimal(row["value"]) - value - moved)
            value, contributed = Decimal(row["value"]), contributed + moved
        dates = [row["date"] for row in case["valuations"]]
        found = performance(book, dates[0], dates[-1])
        chained = {day["date"]: 1 + Decimal(day["cumulative_return"]) for day in found["items"]}
        for before, on, wanted in zip(dates, dates[1:], expected["subperiod_twr"], strict=False):
            assert close(chained[on] / chained[before] - 1, wanted)
        assert close(found["twr"], expected["twr"])
        made = found["attribution"]
        gain = Decimal(made["final_value"]) - Decimal(made["transfers"])
        assert close(gain - Decimal(made["initial_value"]), expected["gain"])
    else:
        for number, row in enumerate(case["transactions"]):
            book.add(**body_of(entry_of(row, number)))
        prices = {"prices": case["prices"]} if "prices" in case else {}
        found = performance(book, case["start"], case["end"], **prices)
        check_report(found, dict(expected), close)


def check_report(
    found: dict[str, Any],
    expected: dict[str, Any],
    close: Callable[[str | None, str | None], bool],
) -> None:
    daily, cumulative = expected.pop("daily", ()), expected.pop("cumulative", ())
    if "twr" in expected:
        assert close(found["twr"], expected.pop("twr"))
    assert len(daily) in (0, len(found["items"]))
    for day, one, chained in zip(found["items"], daily, cumulative, strict=False):
        assert close(day["daily_return"], one)
        assert close(day["cumulative_return"], chained)
    for name, amount in expected.items():
        assert close(found["attribution"][name], amount)


def test_dates_of_performance_are_checked(alice: Client) -> None:
    book = Book(alice)
    for start, end in (("2024-02-01", "2024-01-01"), ("1900-01-01", "2024-01-01")):
        sent = {"from": start, "to": end, "prices": {}}
        assert alice.post(f"{book.path}/performance", json=sent).status_code == 422
