"""Numbers, dates, times and currencies as brokers write them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from backend.ledger.statements.currencies import currency_of
from backend.ledger.statements.decimals import DecimalMark, number
from backend.ledger.statements.moments import DateOrder, moment
from backend.ledger.statements.outcomes import BadValue


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", "1"),
        ("-0.10", "-0.10"),
        ("+3.5", "3.5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("$1,234.50", "1234.50"),
        ("-$3,320.05", "-3320.05"),
        ("$-3,320.05", "-3320.05"),
        ("($1,500.00)", "-1500.00"),
        ("( 0.31 )", "-0.31"),
        ("4,091", "4091"),
        ("1,234,567", "1234567"),
        ("\u20ac3343.11", "3343.11"),
        ("3343.11 \u20ac", "3343.11"),
        ("33.9 USD", "33.9"),
        ("USD 33.9", "33.9"),
        ("US$5", "5"),
        ("1'234'567.89", "1234567.89"),
        ("1\u2019234.50", "1234.50"),
        ("1\u202f234,50", "1234.50"),
        ("1\u00a0234,5", "1234.5"),
        ("1 757,95", "1757.95"),
        ("1.234.567,89", "1234567.89"),
        ("0,039", "0.039"),
        ("33,9", "33.9"),
        ("12-", "-12"),
        ("\u221212", "-12"),
        ("1.5e3", "1500"),
        ("1E-8", "0.00000001"),
        ("0e999999", "0"),
        ("-0", "-0"),
        ("1.50000000000000000000000", "1.5"),
        ("12345678901234567890.123456789012345678", "12345678901234567890.123456789012345678"),
    ],
)
def test_numbers(text: str, value: str) -> None:
    found = number(text)
    assert found == Decimal(value)
    assert found is not None
    assert found.as_tuple().exponent == Decimal(value).as_tuple().exponent


@pytest.mark.parametrize("text", ["", "--", "-", "Not available", "N/A", " \u2014 "])
def test_what_says_that_there_is_no_number(text: str) -> None:
    assert number(text) is None


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("1,234", ".", "1234"),
        ("1.234", ".", "1.234"),
        ("1,234", ",", "1.234"),
        ("1.234", ",", "1234"),
        ("-97.93", ",", "-97.93"),
        ("1.234.567", ".", "1234567"),
        ("1,234", "?", "1.234"),
        ("1.5", "?", "1.5"),
    ],
)
def test_the_layout_decides_where_a_number_can_be_read_two_ways(
    text: str, mark: DecimalMark, value: str
) -> None:
    assert number(text, mark) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("abc", "not a number"),
        ("1e400", "more than 20 digits"),
        ("1e999999999", "more than 20 digits"),
        ("123456789012345678901", "more than 20 digits"),
        ("0.1234567890123456789", "more than 18 decimal places"),
        ("1e-19", "more than 18 decimal places"),
        ("1" * 101, "too long"),
        ("NaN", "not a number"),
        ("Infinity", "not a number"),
        ("1,23,456", "not a number"),
        ("12,34.5", "not a number"),
        ("1.2.3", "not a number"),
        ("--5", "two signs"),
        ("(-5)", "two signs"),
        ("5%", "not a number"),
        ("\u0665", "not a number"),
        (".", "not a number"),
        ("1\x1b[31m", "not a number"),
    ],
)
def test_what_is_no_number_says_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        number(text)
    assert str(caught.value).isprintable()


def test_a_group_that_may_be_decimals_is_refused_where_nothing_decides() -> None:
    with pytest.raises(ValueError, match="two ways"):
        number("1.234", "?")


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2024-05-31", "iso", "2024-05-31"),
        ("20240531", "ymd", "2024-05-31"),
        ("2024-05-31", "ymd", "2024-05-31"),
        ("05/31/2024", "mdy", "2024-05-31"),
        ("5/1/2024", "mdy", "2024-05-01"),
        ("05-31-2024", "mdy", "2024-05-31"),
        ("31-05-2024", "dmy", "2024-05-31"),
        ("31/05/2024", "dmy", "2024-05-31"),
        ("31.05.2024", "dmy", "2024-05-31"),
        ("20240531", "dmy", "2024-05-31"),
        ("2024-05-31", "dmy", "2024-05-31"),
    ],
)
def test_dates(text: str, order: DateOrder, day: str) -> None:
    assert moment(text, order) == (date.fromisoformat(day), None)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("20240531", "iso"),
        ("2024-W22-5", "iso"),
        ("2024-151", "iso"),
        ("31/05/2024", "iso"),
        ("05/31/2024", "ymd"),
        ("31/05/2024", "mdy"),
        ("05/31/2024", "dmy"),
        ("2023-02-29", "iso"),
        ("0000-01-01", "iso"),
        ("31/05-2024", "dmy"),
        ("yesterday", "dmy"),
        ("", "iso"),
        ("010.09.2024", "dmy"),
    ],
)
def test_what_is_no_date_of_the_layout(text: str, order: DateOrder) -> None:
    with pytest.raises(ValueError, match=r"date|day|year"):
        moment(text, order)


@pytest.mark.parametrize(
    ("text", "order", "instant"),
    [
        ("2024-05-31T23:30:00Z", "iso", "2024-05-31T23:30:00+00:00"),
        ("2024-05-31T23:30:00+02:00", "iso", "2024-05-31T23:30:00+02:00"),
        ("2024-05-31T23:30:00-0500", "iso", "2024-05-31T23:30:00-05:00"),
        ("2024-05-31 23:30:00 UTC", "iso", "2024-05-31T23:30:00+00:00"),
        ("2024-05-31 23:30:00.123456", "iso", "2024-05-31T23:30:00.123456+00:00"),
        ("2024-05-31 23:30:00.1234567", "iso", "2024-05-31T23:30:00.123456+00:00"),
        ("20240531;233000", "ymd", "2024-05-31T23:30:00+00:00"),
        ("2024-05-31, 23:30:00", "ymd", "2024-05-31T23:30:00+00:00"),
        ("31-05-2024 23:30", "dmy", "2024-05-31T23:30:00+00:00"),
        ("31.05.2024 9:05:07", "dmy", "2024-05-31T09:05:07+00:00"),
    ],
)
def test_instants_never_shift_the_date(text: str, order: DateOrder, instant: str) -> None:
    found = moment(text, order)
    assert found.day == date(2024, 5, 31)
    assert found.instant == datetime.fromisoformat(instant)
    assert found.instant is not None
    assert found.instant.utcoffset() == datetime.fromisoformat(instant).utcoffset()


def test_a_time_without_a_zone_is_read_in_the_zone_named() -> None:
    found = moment("2024-05-31 23:30", "iso", ZoneInfo("America/New_York"))
    assert found.day == date(2024, 5, 31)
    assert found.instant == datetime(2024, 6, 1, 3, 30, tzinfo=UTC)
    found = moment("2024-05-31 23:30Z", "iso", ZoneInfo("America/New_York"))
    assert found.instant is not None
    assert found.instant.utcoffset() == timedelta(0)


@pytest.mark.parametrize("text", ["2024-05-31 25:00", "2024-05-31 noon", "2024-05-31T10:00+99:00"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|date|offset"):
        moment(text, "iso")


@pytest.mark.parametrize(
    ("text", "code", "minor"),
    [
        ("usd", "USD", False),
        ("GBP", "GBP", False),
        ("GBX", "GBP", True),
        ("GBp", "GBP", True),
        ("ZAc", "ZAR", True),
        ("ILA", "ILS", True),
        ("1INCH", "1INCH", False),
    ],
)
def test_currencies(text: str, code: str, minor: bool) -> None:  # a parameter
    assert currency_of(text) == (code, minor)


@pytest.mark.parametrize("text", ["", "US DOLLAR", "\u20ac", "ABCDEFGHIJK"])
def test_what_is_no_currency(text: str) -> None:
    with pytest.raises(BadValue) as caught:
        currency_of(text)
    assert caught.value.field == "currency"
