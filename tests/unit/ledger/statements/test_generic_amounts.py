"""A column `amount` of our own layout, whose numbers have no sign."""

import pytest

from tests.unit.ledger.statements.files import invalid, read

HEADER = "type,date,symbol,amount,net_amount,quantity,price,fee,currency\n"


@pytest.mark.parametrize(
    ("row", "net"),
    [
        ("deposit,2024-01-02,,100,,,,,EUR", "100"),
        ("withdrawal,2024-01-02,,100,,,,,EUR", "-100"),
        ("withdrawal,2024-01-02,,-100,,,,,EUR", "-100"),
        ("interest,2024-01-02,,-3,,,,,EUR", "-3"),
        ("dividend,2024-01-02,A,3,,,,,EUR", "3"),
        ("return_of_capital,2024-01-02,A,3,,,,,EUR", "3"),
        ("fee,2024-01-02,,3,,,,,EUR", "-3"),
        ("tax,2024-01-02,,3,,,,,EUR", "-3"),
        # What says more wins over it.
        ("fee,2024-01-02,,7,,,,3,EUR", "None"),
        ("deposit,2024-01-02,,7,100,,,,EUR", "100"),
        ("dividend,2024-01-02,A,7,,2,3,,EUR", "None"),
        ("buy,2024-01-02,A,7,,2,3,,EUR", "None"),
        ("deposit,2024-01-02,,,100,,,,EUR", "100"),
    ],
)
def test_amount(row: str, net: str) -> None:
    (found,) = read(HEADER + row, "generic")
    assert str(found.values.net_amount) == net


@pytest.mark.parametrize("type_", ["fee", "tax"])
def test_a_fee_below_zero_could_be_either(type_: str) -> None:
    (found,) = invalid(HEADER + f"{type_},2024-01-02,,-3,,,,,EUR", "generic")
    assert found.field == "net_amount"
    assert "sign" in found.reason


def test_an_amount_that_is_no_number() -> None:
    (found,) = invalid(HEADER + "deposit,2024-01-02,,much,,,,,EUR", "generic")
    assert found.field == "net_amount"
