"""The worked examples of other programs and of broker statements, over HTTP on both databases."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import pytest

from backend.ledger.entries import Entry
from backend.ledger.exact import rounded
from tests.clients import Client
from tests.unit.ledger.examples import EXAMPLES, entry_of, methods_of
from tests.unit.transactions.books import Book, body_of, earn, flow, performance

CASES: Final[dict[str, dict[str, Any]]] = {case["id"]: case for case in EXAMPLES["ledger_cases"]}
MAIN: Final = "main"
ZERO: Final = Decimal(0)


class Case:
    """One case under one method: its accounts as portfolios, with all rows that were taken."""

    def __init__(self, client: Client, case: dict[str, Any], method: str) -> None:
        self.expected: dict[str, Any] = case["expected"]
        self.gross = case["fee_policy"] == "excluded"
        self.refused: list[dict[str, Any]] = []
        self.client, self.method = client, method
        self.books: dict[str, Book] = {}
        self.cash_before_last: dict[str, Decimal] = {}
        self._tolerance = Decimal(case["tolerance"])
        self._methods = case.get("method_by_account", {})
        self._allow_short = "short_position" in case["flags"]
        self._fx: dict[str, dict[str, str]] = {}
        for rate in case.get("fx", ()):
            self._fx.setdefault(rate["from"], {})[rate["date"]] = rate["rate"]
        as_of = self.expected.get("as_of")
        self.at = {} if as_of is None else {"as_of": as_of}
        for number, row in enumerate(case["transactions"], start=1):
            if "hand_entered" in case["flags"]:
                continue
            if row["type"] == "transfer":
                self._transfer(row, number)
                continue
            if number == len(case["transactions"]):
                self.cash_before_last = self.cash(row.get("account", MAIN))
            self._send(row.get("account", MAIN), entry_of(row, number))

        if "hand_entered" in case["flags"]:
            self._send_at_once(case["transactions"])

    def _send_at_once(self, rows: list[dict[str, Any]]) -> None:
        """As one file: what stands first may only hold with what comes after it."""
        book = self._book(MAIN)
        file = [body_of(entry_of(row, number)) for number, row in enumerate(rows)]
        answer = self.client.post(f"{book.rows_path}/import", json=file)
        assert answer.json()["created"] == len(rows), answer.text

    def _send(self, account: str, entry: Entry) -> None:
        answer = self._book(account).post(**body_of(entry))
        if answer.status_code == 409 and "error" in self.expected:
            self.refused.append(answer.json())
        else:
            assert answer.status_code == 201, answer.text

    def _book(self, account: str) -> Book:
        if account not in self.books:
            self.books[account] = Book(
                self.client,
                account,
                allow_short=self._allow_short,
                cost_basis_method=self._methods.get(account, self.method),
            )
        return self.books[account]

    def _transfer(self, row: dict[str, Any], number: int) -> None:
        """Units leave one account with their basis, and come into the other lot by lot."""
        source = row["from_account"]
        self._send(source, entry_of(row, number, "transfer_out"))
        left = self.books[source].get("realized-gains")["transfers_out"][-1]
        for lot in left["lots"]:
            cost = rounded(Decimal(lot["cost"]))
            entry = entry_of(row, number, "transfer_in")
            entry = entry._replace(quantity=Decimal(lot["quantity"]), net_amount=cost)
            self._send(row["to_account"], entry)

    def close(self, actual: str | Decimal | None, expected: str) -> bool:
        assert isinstance(actual, str | Decimal)
        return abs(Decimal(actual) - Decimal(expected)) <= self._tolerance

    def figure(self, name: str) -> str:
        return f"{name}_gross" if self.gross else name

    def gains(self, **asked: str) -> list[dict[str, Any]]:
        return [book.get("realized-gains", **asked) for book in self.books.values()]

    def realized(self, **asked: str) -> Decimal:
        name = self.figure("realized_pnl")
        return sum(
            (
                Decimal(total[name])
                for report in self.gains(**asked)
                for total in report["by_currency"]
            ),
            ZERO,
        )

    def cash(self, account: str) -> dict[str, Decimal]:
        items = self._book(account).items("cash")
        return {row["currency"]: Decimal(row["amount"]) for row in items}

    def value(self, given: dict[str, Any], base: str | None = None) -> dict[str, Any]:
        (book,) = self.books.values()
        (currency,) = {row["currency"] for row in book.rows()}
        sent = {"as_of": given["date"], "prices": given["prices"], "fx": self._fx}
        sent["base_currency"] = base or currency
        answer = self.client.post(f"{book.path}/valuation", json=sent)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        assert found["missing_prices"] == []
        return found


def check_holdings(case: Case, expected: list[dict[str, str]]) -> None:
    found = {
        (account, held["symbol"]): held
        for account, book in case.books.items()
        for held in book.items("holdings", **case.at)
    }
    if not any("account" in row for row in expected):
        assert len(found) == len(expected)
    for row in expected:
        held = found[row.get("account", MAIN), row["symbol"]]
        assert case.close(held["quantity"], row["quantity"])
        assert case.close(held[case.figure("cost_basis")], row["cost_basis"])
        if "average_cost" in row:
            assert case.close(held[case.figure("average_cost")], row["average_cost"])


def check_lots(case: Case, expected: list[dict[str, str]]) -> None:
    found = case.books[MAIN].items("lots")
    assert len(found) == len(expected)
    for lot, row in zip(found, expected, strict=True):
        assert (lot["symbol"], lot["opened_on"]) == (row["symbol"], row["acquired"])
        assert case.close(lot["quantity"], row["quantity"])
        assert case.close(lot["unit_cost"], row["unit_cost"])


def check_lots_removed(case: Case, expected: list[dict[str, str]]) -> None:
    found = [lot for gain in case.books[MAIN].items("realized-gains") for lot in gain["lots"]]
    assert len(found) == len(expected)
    for lot, row in zip(found, expected, strict=True):
        assert lot["opened_on"] == row["acquired"]
        assert case.close(lot["quantity"], row["quantity"])
        cost = Decimal(lot["quantity"]) * Decimal(row["unit_cost"])
        assert case.close(lot["cost"], str(cost))


def check_cost_removed(case: Case, expected: str) -> None:
    gains = case.books[MAIN].items("realized-gains")
    assert case.close(sum((Decimal(gain["cost"]) for gain in gains), ZERO), expected)


def check_realized(case: Case, expected: str) -> None:
    assert case.close(case.realized(), expected)


def check_realized_by_sell(case: Case, expected: list[str]) -> None:
    gains = [gain for report in case.gains() for gain in report["items"]]
    gains.sort(key=lambda gain: (gain["date"], gain["id"]))
    assert len(gains) == len(expected)
    for gain, amount in zip(gains, expected, strict=True):
        assert case.close(gain[case.figure("realized_pnl")], amount)


def check_fees(case: Case, expected: str) -> None:
    assert case.close(case.books[MAIN].get("realized-gains")["fees"], expected)


def check_dividends(case: Case, expected: str) -> None:
    assert case.close(case.books[MAIN].get("realized-gains")["dividends"], expected)


def check_cash(case: Case, expected: dict[str, str]) -> None:
    found = case.cash(MAIN)
    assert list(found) == sorted(expected)
    assert all(case.close(found[currency], amount) for currency, amount in expected.items())


def check_cash_delta_of_last(case: Case, expected: str) -> None:
    ((currency, amount),) = case.cash(MAIN).items()
    assert case.close(amount - case.cash_before_last.get(currency, ZERO), expected)


def check_valuations(case: Case, expected: list[dict[str, Any]]) -> None:
    for row in expected:
        valued = case.value(row)
        (total,) = valued["by_currency"]
        name = case.figure("unrealized_pnl")
        unrealized = sum((Decimal(one[name]) for one in valued["items"]), ZERO)
        computed = {
            "market_value": total["market_value"],
            "unrealized_pnl": unrealized,
            "total_pnl": case.realized(to=row["date"]) + unrealized,
            "net_pnl_after_fees": total["unrealized_pnl"],
        }
        for name, amount in row.items():
            if name not in ("date", "prices", "before_split"):
                assert case.close(computed[name], amount)


def check_base(case: Case, expected: dict[str, str]) -> None:
    (last,) = case.expected["valuations"]
    (one,) = case.value(last, case.expected["base_currency"])["items"]
    gain = Decimal(one["market_value_base"]) - Decimal(one["cost_basis_gross_base"])
    computed = {
        "cost_basis": one["cost_basis_gross_base"],
        "fees": one["fees_base"],
        "market_value": one["market_value_base"],
        "gain_with_currency_effect": gain,
        "net_gain_with_currency_effect": gain - Decimal(one["fees_base"]),
    }
    for name, amount in expected.items():
        assert case.close(computed[name], amount)


def check_trade_irr(case: Case, expected: str) -> None:
    """The rate of one sale: cash that was put in when its lots were opened, and taken out."""
    (gain,) = case.books[MAIN].items("realized-gains")
    book = Book(case.client, "One trade")
    for lot in gain["lots"]:
        flow(book, lot["opened_on"], Decimal(lot["cost"]))
    earn(book, gain["date"], Decimal(gain["realized_pnl"]))
    flow(book, gain["date"], -Decimal(gain["proceeds"]))
    rate = performance(book, gain["lots"][0]["opened_on"], gain["date"])["xirr"]
    assert abs(Decimal(rate) - Decimal(expected)) <= Decimal("0.0001")
    assert case.client.delete(book.path).status_code == 204


CHECKS: Final[dict[str, Callable[[Case, Any], None]]] = {
    "holdings": check_holdings,
    "lots": check_lots,
    "lots_removed": check_lots_removed,
    "cost_removed": check_cost_removed,
    "realized_pnl": check_realized,
    "realized_by_sell": check_realized_by_sell,
    "fees": check_fees,
    "dividends": check_dividends,
    "cash": check_cash,
    "cash_delta_of_last": check_cash_delta_of_last,
    "valuations": check_valuations,
    "base": check_base,
    "trade_irr": check_trade_irr,
}
READ_ELSEWHERE: Final = {"as_of", "base_currency", "error"}


def test_cases(alice: Client, subtests: pytest.Subtests) -> None:
    for case_id, case in CASES.items():
        for method in methods_of(case):
            with subtests.test(case_id, method=method):
                run = Case(alice, case, method)
                try:
                    check(run)
                finally:
                    for book in run.books.values():
                        assert alice.delete(book.path).status_code == 204


def check(case: Case) -> None:
    assert bool(case.refused) == ("error" in case.expected)
    for name, value in case.expected.items():
        if name not in READ_ELSEWHERE:
            CHECKS[name](case, value)
