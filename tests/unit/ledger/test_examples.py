"""The worked examples of other programs and of broker statements: holdings, lots and gains."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pytest

from backend.ledger.cash import cash
from backend.ledger.entries import Entry
from backend.ledger.exact import ZERO
from backend.ledger.faults import faults
from backend.ledger.gains import RealizedGains, realized_gains
from backend.ledger.holdings import Holding, OpenLot, holdings, open_lots
from backend.ledger.market import Rate, Rates
from backend.ledger.methods import Method
from backend.ledger.ordering import in_replay_order
from backend.ledger.replay import Oversell
from backend.ledger.returns import xirr
from backend.ledger.valuation import Valuation, valuation
from tests.unit.ledger.examples import EXAMPLES, entry_of, methods_of

CASES: Final[dict[str, dict[str, Any]]] = {case["id"]: case for case in EXAMPLES["ledger_cases"]}
MAIN = "main"


class Case:
    """One case under one method: its accounts, each with its entries in replay order."""

    def __init__(self, case: dict[str, Any], method: Method) -> None:
        self.expected: dict[str, Any] = case["expected"]
        self.tolerance = Decimal(case["tolerance"])
        self.gross = case["fee_policy"] == "excluded"
        self.allow_short = "short_position" in case["flags"]
        self.method = method
        self.rates = Rates(
            Rate(date.fromisoformat(row["date"]), row["from"], row["to"], Decimal(row["rate"]))
            for row in case.get("fx", ())
        )
        as_of = self.expected.get("as_of")
        self.as_of = date.fromisoformat(as_of) if as_of else None
        self._methods = case.get("method_by_account", {})
        self.accounts: dict[str, list[Entry]] = {}
        self.last_account: str = case["transactions"][-1].get("account", MAIN)
        for number, row in enumerate(case["transactions"], start=1):
            if row["type"] == "transfer":
                self._transfer(row, number)
            else:
                entry = entry_of(row, number)
                assert faults(entry) == []
                self._of(row.get("account", MAIN)).append(entry)
        for name, entries in self.accounts.items():
            self.accounts[name] = in_replay_order(entries)

    def _of(self, account: str) -> list[Entry]:
        return self.accounts.setdefault(account, [])

    def _transfer(self, row: dict[str, Any], number: int) -> None:
        """Units leave one account with their basis, and come into the other lot by lot."""
        source = self._of(row["from_account"])
        source.append(entry_of(row, number, "transfer_out"))
        gains = realized_gains(in_replay_order(source), self.method_of(row["from_account"]))
        for lot in gains.transfers_out[-1].lots:
            entry = entry_of(row, number, "transfer_in")
            entry = entry._replace(quantity=lot.quantity, net_amount=lot.cost)
            assert faults(entry) == []
            self._of(row["to_account"]).append(entry)

    def method_of(self, account: str) -> Method:
        name: Method = self._methods.get(account, self.method).lower()
        return name

    def close(self, actual: Decimal | None, expected: str) -> bool:
        return actual is not None and abs(actual - Decimal(expected)) <= self.tolerance

    def holdings(self, account: str) -> list[Holding]:
        return holdings(
            self.accounts[account],
            self.method_of(account),
            allow_short=self.allow_short,
            as_of=self.as_of,
        )

    def lots(self, account: str) -> list[OpenLot]:
        return open_lots(self.accounts[account], self.method_of(account))

    def gains(self, account: str, end: date | None = None) -> RealizedGains:
        return realized_gains(
            self.accounts[account],
            self.method_of(account),
            allow_short=self.allow_short,
            end=end,
        )

    def realized(self, end: date | None = None) -> Decimal:
        name = "realized_pnl_gross" if self.gross else "realized_pnl"
        return sum(
            (
                getattr(total, name)
                for account in self.accounts
                for total in self.gains(account, end).totals
            ),
            ZERO,
        )

    def value(self, given: dict[str, Any], base: str | None = None) -> Valuation:
        assert list(self.accounts) == [MAIN]
        entries = self.accounts[MAIN]
        return valuation(
            entries,
            {symbol: Decimal(price) for symbol, price in given["prices"].items()},
            self.rates,
            base_currency=base or entries[0].currency,
            as_of=date.fromisoformat(given["date"]),
            method=self.method,
        )


def check_holdings(case: Case, expected: list[dict[str, str]]) -> None:
    found = {
        (account, held.symbol): held for account in case.accounts for held in case.holdings(account)
    }
    if case.expected.get("error") is None and not any("account" in row for row in expected):
        assert len(found) == len(expected)
    for row in expected:
        held = found[row.get("account", MAIN), row["symbol"]]
        assert case.close(held.quantity, row["quantity"])
        cost = held.cost_basis_gross if case.gross else held.cost_basis
        assert case.close(cost, row["cost_basis"])
        if "average_cost" in row:
            average = held.average_cost_gross if case.gross else held.average_cost
            assert case.close(average, row["average_cost"])


def check_lots(case: Case, expected: list[dict[str, str]]) -> None:
    found = case.lots(MAIN)
    assert len(found) == len(expected)
    for lot, row in zip(found, expected, strict=True):
        assert (lot.symbol, lot.opened_on.isoformat()) == (row["symbol"], row["acquired"])
        assert case.close(lot.quantity, row["quantity"])
        assert case.close(lot.unit_cost, row["unit_cost"])


def check_lots_removed(case: Case, expected: list[dict[str, str]]) -> None:
    found = [lot for gain in case.gains(MAIN).items for lot in gain.lots]
    assert len(found) == len(expected)
    for lot, row in zip(found, expected, strict=True):
        assert lot.opened_on.isoformat() == row["acquired"]
        assert case.close(lot.quantity, row["quantity"])
        assert case.close(lot.cost, str(lot.quantity * Decimal(row["unit_cost"])))


def check_cost_removed(case: Case, expected: str) -> None:
    assert case.close(sum((gain.cost for gain in case.gains(MAIN).items), ZERO), expected)


def check_realized(case: Case, expected: str) -> None:
    assert case.close(case.realized(), expected)


def check_realized_by_sell(case: Case, expected: list[str]) -> None:
    gains = [gain for account in case.accounts for gain in case.gains(account).items]
    gains.sort(key=lambda gain: (gain.date, gain.id))
    assert len(gains) == len(expected)
    for gain, amount in zip(gains, expected, strict=True):
        assert case.close(gain.realized_pnl_gross if case.gross else gain.realized_pnl, amount)


def check_fees(case: Case, expected: str) -> None:
    (total,) = case.gains(MAIN).totals
    assert case.close(total.fees, expected)


def check_dividends(case: Case, expected: str) -> None:
    (total,) = case.gains(MAIN).totals
    assert case.close(total.dividends, expected)


def check_cash(case: Case, expected: dict[str, str]) -> None:
    found = cash(case.accounts[MAIN])
    assert list(found) == list(expected)
    assert all(case.close(found[currency], amount) for currency, amount in expected.items())


def check_cash_delta_of_last(case: Case, expected: str) -> None:
    entries = case.accounts[MAIN]
    currency = entries[-1].currency
    before = cash(entries[:-1])
    assert case.close(cash(entries)[currency] - before[currency], expected)


def check_valuations(case: Case, expected: list[dict[str, Any]]) -> None:
    for row in expected:
        valued = case.value(row)
        assert not valued.missing_prices
        (total,) = valued.by_currency
        unrealized = sum(
            (
                (one.unrealized_pnl_gross if case.gross else one.unrealized_pnl) or ZERO
                for one in valued.holdings
            ),
            ZERO,
        )
        after_fees = total.unrealized_pnl
        realized = case.realized(date.fromisoformat(row["date"]))
        computed = {
            "market_value": total.market_value,
            "unrealized_pnl": unrealized,
            "total_pnl": realized + unrealized,
            "net_pnl_after_fees": after_fees,
        }
        for name, amount in row.items():
            if name not in ("date", "prices", "before_split"):
                assert case.close(computed[name], amount)


def check_base(case: Case, expected: dict[str, str]) -> None:
    (last,) = case.expected["valuations"]
    (one,) = case.value(last, case.expected["base_currency"]).holdings
    assert one.market_value_base is not None
    assert one.cost_basis_gross_base is not None
    assert one.fees_base is not None
    gain = one.market_value_base - one.cost_basis_gross_base
    computed = {
        "cost_basis": one.cost_basis_gross_base,
        "fees": one.fees_base,
        "market_value": one.market_value_base,
        "gain_with_currency_effect": gain,
        "net_gain_with_currency_effect": gain - one.fees_base,
    }
    for name, amount in expected.items():
        assert case.close(computed[name], amount)


def check_trade_irr(case: Case, expected: str) -> None:
    """The rate of one sale: what its lots cost when they were opened, and what it brought."""
    (gain,) = case.gains(MAIN).items
    flows = [(lot.opened_on, -lot.cost) for lot in gain.lots]
    rate = xirr([*flows, (gain.date, gain.proceeds)])
    assert rate is not None
    assert abs(rate - Decimal(expected)) <= Decimal("0.0001")


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
# What other checks read.
READ_ELSEWHERE = {"as_of", "base_currency"}


RUNS = [
    pytest.param(case_id, method, id=f"{case_id}-{method}")
    for case_id, case in CASES.items()
    for method in methods_of(case)
]


@pytest.mark.parametrize(("case_id", "method"), RUNS)
def test_case(case_id: str, method: Method) -> None:
    case = Case(CASES[case_id], method)
    expected = dict(case.expected)
    if expected.pop("error", None) == "insufficient_quantity":
        check_oversell(case)
    for name, value in expected.items():
        if name not in READ_ELSEWHERE:
            CHECKS[name](case, value)


def check_oversell(case: Case) -> None:
    """One row takes too much, and without the last of the list there is what the case expects."""
    with pytest.raises(Oversell) as caught:
        case.lots(case.last_account)
    entries = case.accounts[case.last_account]
    (broken,) = [entry for entry in entries if entry.id == caught.value.id]
    assert caught.value.requested == broken.quantity
    assert caught.value.missing == caught.value.requested - caught.value.available
    entries.remove(max(entries, key=lambda entry: entry.id))
