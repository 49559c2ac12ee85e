"""Field types: what they take, and that it reads as the database gives it."""

from decimal import Decimal
from typing import Annotated

import pytest
from pydantic import TypeAdapter, ValidationError

from backend.core.passwords import is_common
from backend.core.schemas import Exact, Instant

AMOUNTS: TypeAdapter[Decimal] = TypeAdapter(Annotated[Decimal, Exact(38, 18)])
INSTANTS = TypeAdapter(Instant)


@pytest.mark.parametrize(
    ("written", "answered"),
    [
        ("1.5", "1.500000000000000000"),
        ("-0", "0.000000000000000000"),
        ("9" * 20 + "." + "9" * 18, "9" * 20 + "." + "9" * 18),
    ],
)
def test_a_decimal_is_answered_with_all_its_places(written: str, answered: str) -> None:
    assert AMOUNTS.dump_json(AMOUNTS.validate_python(written)) == f'"{answered}"'.encode()


@pytest.mark.parametrize("written", ["1e3", "1.", ".5", "+1", "1,5", "", " 1", "NaN", 1, 1.5, None])
def test_a_decimal_is_a_plain_string(written: object) -> None:
    with pytest.raises(ValidationError):
        AMOUNTS.validate_python(written)


@pytest.mark.parametrize("written", [5, "17", 5.5, "2026-01-01", "2026-01-01T00:00:00", True])
def test_an_instant_is_a_text_with_a_zone(written: object) -> None:
    with pytest.raises(ValidationError):
        INSTANTS.validate_python(written)


def test_a_long_password_is_looked_at_in_linear_time() -> None:
    assert not is_common("\ufdfa" * 2000 + "zq8 ")
    assert is_common("1234567890" * 1000 + "12")


@pytest.mark.parametrize("written", ["1", "-1.00000", "1.00001"])
def test_a_decimal_without_digits_before_the_point_is_less_than_one(written: str) -> None:
    fractions: TypeAdapter[Decimal] = TypeAdapter(Annotated[Decimal, Exact(5, 5)])
    assert fractions.validate_python("-0.99999") == Decimal("-0.99999")
    with pytest.raises(ValidationError):
        fractions.validate_python(written)
