"""What each type of entry needs and refuses, and what it does to cash."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from backend.ledger.cash import cash
from backend.ledger.entries import Entry, UnusableEntry, cash_movement, net_amount
from backend.ledger.faults import faults
from backend.ledger.replay import replay
from tests.unit.ledger.portfolios import entry

GOOD = [
    (entry("buy", quantity="2", price="3", fee="1", tax="0.5"), "-7.5"),
    (entry("buy", quantity="2", net_amount="-7"), "-7"),
    (entry("buy", quantity="2", price="0"), "0"),
    (entry("buy", quantity="2", price="0.5", multiplier="100", fee="-1"), "-99"),
    (entry("sell", quantity="2", price="3", fee="1", tax="0.5"), "4.5"),
    (entry("sell", quantity="2", price="0.01", fee="1"), "-0.98"),
    (entry("sell", quantity="1", fee="2", net_amount="-1"), "-1"),
    (entry("dividend", net_amount="9", tax="1"), "9"),
    (entry("dividend", symbol="AAA", quantity="10", price="0.25", tax="0.5"), "2"),
    (entry("dividend", symbol="AAA", net_amount="-3"), "-3"),
    (entry("return_of_capital", net_amount="5"), "5"),
    (entry("interest", net_amount="-100"), "-100"),
    (entry("fee", net_amount="-49"), "-49"),
    (entry("fee", symbol="AAA", fee="1.3"), "-1.3"),
    (entry("fee", fee="-5", net_amount="5"), "5"),
    (entry("tax", tax="2"), "-2"),
    (entry("deposit", net_amount="0"), "0"),
    (entry("deposit", quantity="10", price="1"), "10"),
    (entry("withdrawal", net_amount="-400"), "-400"),
    (entry("withdrawal", quantity="10", price="1", fee="1"), "-11"),
    (entry("split", ratio_numerator=7, ratio_denominator=3), "0"),
    (entry("transfer_in", quantity="2", price="3"), "0"),
    (entry("transfer_in", quantity="2", price="3", net_amount="0"), "0"),
    (entry("transfer_in", quantity="2", net_amount="6", fee="1"), "-1"),
    (entry("transfer_out", quantity="2", fee="1"), "-1"),
    (entry("transfer_in", symbol=None, net_amount="6"), "6"),
    (entry("transfer_out", symbol=None, net_amount="-6"), "-6"),
]

BAD = [
    (entry("buy", symbol=None, quantity="1", price="1"), "symbol"),
    (entry("buy", symbol="", quantity="1", price="1"), "symbol"),
    (entry("split", symbol=None, ratio_numerator=1, ratio_denominator=2), "symbol"),
    (entry("return_of_capital", symbol=None, net_amount="1"), "symbol"),
    (entry("transfer_in", symbol=None, quantity="1", price="1"), "symbol"),
    (entry("deposit", symbol="AAA", net_amount="1"), "symbol"),
    (entry("sell", price="1"), "quantity"),
    (entry("sell", quantity="0", price="1"), "quantity"),
    (entry("sell", quantity="-1", price="1"), "quantity"),
    (entry("sell", quantity="NaN", price="1"), "quantity"),
    (entry("buy", quantity="1"), "price"),
    (entry("buy", quantity="1", price="-1"), "price"),
    (entry("buy", quantity="1", price="Infinity"), "price"),
    (entry("transfer_in", quantity="1"), "price"),
    (entry("buy", quantity="1", price="1", multiplier="0"), "multiplier"),
    (entry("buy", quantity="1", price="1", ratio_numerator=1), "ratio_numerator"),
    (entry("split", ratio_numerator=1), "ratio_denominator"),
    (entry("split", ratio_numerator=0, ratio_denominator=1), "ratio_numerator"),
    (entry("split", ratio_numerator=2, ratio_denominator=1, quantity="5"), "quantity"),
    (entry("split", ratio_numerator=2, ratio_denominator=1, net_amount="5"), "net_amount"),
    (entry("split", ratio_numerator=2, ratio_denominator=1, fee="5"), "fee"),
    (entry("deposit"), "net_amount"),
    (entry("deposit", net_amount="-1"), "net_amount"),
    (entry("withdrawal", net_amount="1"), "net_amount"),
    (entry("return_of_capital", net_amount="-1"), "net_amount"),
    (entry("fee"), "net_amount"),
    (entry("fee", quantity="1", price="49"), "net_amount"),
    (entry("fee", net_amount="49"), "net_amount"),
    (entry("fee", fee="5", net_amount="-6"), "net_amount"),
    (entry("buy", quantity="1", net_amount="5"), "net_amount"),
    (entry("sell", quantity="1", fee="1", net_amount="-5"), "net_amount"),
    (entry("buy", quantity="10", price="10", net_amount="100"), "net_amount"),
    (entry("transfer_in", quantity="2", price="3", net_amount="8"), "net_amount"),
    (entry("transfer_out", quantity="2", net_amount="8"), "net_amount"),
    (entry("buy", quantity="1", price="1", settle_currency="EUR"), "fx_rate"),
    (entry("buy", quantity="1", price="1", settle_currency="USD", fx_rate="2"), "fx_rate"),
    (entry("buy", quantity="1", price="1", fx_rate="-2"), "fx_rate"),
    (entry("buy", quantity="1", price="1", currency="GBX"), "currency"),
    (
        entry("buy", quantity="1", price="1", settle_currency="ILA", fx_rate="4"),
        "settle_currency",
    ),
    (entry("buy", symbol="A\tB", quantity="1", price="1"), "symbol"),
    (entry("buy", quantity="1", price="1", trade_date=date(1899, 12, 31)), "trade_date"),
    (entry("buy", quantity="1", price="1", trade_date=date(2200, 1, 1)), "trade_date"),
    (entry("deposit", net_amount="1", executed_at=datetime(1, 1, 2, tzinfo=UTC)), "executed_at"),
]


@pytest.mark.parametrize(("row", "amount"), GOOD)
def test_a_good_entry(row: Entry, amount: str) -> None:
    assert faults(row) == []
    assert net_amount(row) == Decimal(amount)
    in_lots = ("buy", "split", "transfer_in")
    if row.type in in_lots:
        replay([row])


@pytest.mark.parametrize(("row", "field"), BAD)
def test_a_bad_entry(row: Entry, field: str) -> None:
    assert [fault.field for fault in faults(row)] == [field]


def test_several_faults_are_said_at_once() -> None:
    found = faults(entry("buy", symbol=None, ratio_numerator=1, settle_currency="EUR"))
    assert [fault.field for fault in found] == ["symbol", "ratio_numerator", "quantity", "fx_rate"]


@pytest.mark.parametrize(
    ("price", "net", "good"),
    [
        ("135.0075", "-40503.61", True),  # 40503.59 as printed by Schwab
        ("135.0075", "-40503.616", False),
        ("135.01", "-40503", True),
        ("135", "-40651.35", True),
        ("135", "-40651.36", False),
        ("1E+2", "-30151.35", True),
        ("1E+2", "-30151.36", False),
    ],
)
def test_the_tolerance_is_that_of_the_written_price(price: str, net: str, good: bool) -> None:
    row = entry("buy", quantity="300", price=price, fee="1.34", net_amount=net)
    assert (faults(row) == []) == good


def test_a_difference_is_said_in_numbers() -> None:
    row = entry("sell", quantity="10", price="10.00", fee="1", net_amount="98")
    (fault,) = faults(row)
    assert fault.reason == (
        "differs from 99.00, which quantity, price, fee and tax make, by 1.00;"
        " at most 0.060 can be rounding"
    )


def test_cash_moves_in_the_currency_of_settlement() -> None:
    bought = entry("buy", quantity="10", price="100", settle_currency="EUR", fx_rate="0.9")
    paid = entry("fee", fee="1")
    assert faults(bought) == []
    assert cash_movement(bought) == ("EUR", Decimal(-900))
    assert cash([bought, paid]) == {"EUR": Decimal(-900), "USD": Decimal(-1)}
    with pytest.raises(UnusableEntry):
        cash_movement(bought._replace(fx_rate=None))
