"""Field types: what they take, and that it reads as the database gives it."""

from datetime import UTC, time
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import MISSING, Field, TypeAdapter, ValidationError, create_model

from backend.core.passwords import is_common
from backend.core.schemas import (
    BYTES_MAX,
    Base64,
    Base64Bytes,
    CurrencyCode,
    EmailAddress,
    Exact,
    HttpURL,
    Instant,
    JSONContent,
    RequestSchema,
    TimeOfDay,
    TimezoneName,
)

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


@pytest.mark.parametrize(
    ("written", "answered"),
    [
        ("09:30:00", "09:30:00"),
        ("23:59:59.100000", "23:59:59.1"),
        ("00:00:00.000001", "00:00:00.000001"),
        ("10:20:30.000", "10:20:30"),
    ],
)
def test_a_time_of_day_is_answered_without_last_zeros(written: str, answered: str) -> None:
    times = TypeAdapter(TimeOfDay)
    assert times.dump_json(times.validate_python(written)) == f'"{answered}"'.encode()


REFUSED: list[tuple[Any, list[object]]] = [
    (
        TimeOfDay,
        [
            *("24:00:00", "09:30", "9:30:00", "09:30:60", "09:30:00Z", "09:30:00+01:00", "", None),
            *("09:30:00.1234567", "09:30:00\n", 34200, 0.5, time(9, tzinfo=UTC), "٠٩:30:00"),
        ],
    ),
    (Base64Bytes, ["AA", "AA=", "AB==", "AA-_", "AAA A", "AAAA\n", "é", 5, None]),
    (Base64Bytes, ["A" * ((BYTES_MAX // 3 + 1) * 4), b"x" * (BYTES_MAX + 1)]),
    (Annotated[bytes, Base64(max_length=3, min_length=1)], ["", "AAAAAA=="]),
    (Annotated[Base64Bytes, Field(max_length=3)], ["AAAAAA=="]),
    (CurrencyCode, ["", "usd", "US D", "USDTUSDTUSD", "Ä", "USD\n", 5]),
    (EmailAddress, ["", "a", "a@b", "Ann <ann@example.com>", "\0@example.com", 5]),
    (EmailAddress, ["a@" + ".".join(["x" * 60] * 5) + ".com"]),
    (HttpURL, ["", "example.com", "javascript:alert(1)", "ftp://example.com", 5]),
    (HttpURL, ["https://example.com/" + "x" * 2030, "https://example.com/" + "é" * 400]),
    (TimezoneName, ["", "Mars/Olympus", "europe/zurich", "localtime", "+01:00", 5]),
]


@pytest.mark.parametrize(("kind", "values"), REFUSED)
def test_what_is_no_value_of_a_kind_is_refused(kind: Any, values: list[object]) -> None:
    adapter = TypeAdapter(kind)
    for value in values:
        with pytest.raises(ValidationError):
            adapter.validate_python(value)


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        (Base64Bytes, "", b""),
        (Base64Bytes, "/+8=", b"\xff\xef"),
        (Base64Bytes, "A" * (BYTES_MAX // 3 * 4) + "AA==", bytes(BYTES_MAX)),
        (Annotated[bytes, Base64(max_length=3)], "AAAA", bytes(3)),
        (CurrencyCode, "USD", "USD"),
        (CurrencyCode, "1INCH", "1INCH"),
        (EmailAddress, " Ann@Example.COM ", "ann@example.com"),
        (HttpURL, "HTTPS://Example.com", "https://example.com/"),
        (TimezoneName, "Europe/Zurich", "Europe/Zurich"),
    ],
)
def test_what_is_kept_of_a_kind(kind: Any, written: str, kept: object) -> None:
    assert TypeAdapter(kind).validate_python(written) == kept


@pytest.mark.parametrize("kind", [JSONContent, JSONContent | MISSING])
def test_null_for_a_document_is_one_fault(kind: Any) -> None:
    schema = create_model("Document", __base__=RequestSchema, symbols=kind)
    with pytest.raises(ValidationError) as refused:
        schema.read_json(b'{"symbols": null}')
    assert [fault["loc"] for fault in refused.value.errors()] == [("symbols",)]
    documents: list[Any] = [{}, [None], "", False, 0, 0.5]
    for document in documents:
        read: Any = schema.model_validate({"symbols": document})
        assert (read.symbols, type(read.symbols)) == (document, type(document))


def test_what_clients_send_is_not_kept() -> None:
    schema = create_model("Sent", __base__=RequestSchema, note=(str, ...))
    first, second = (schema.read_json(b'{"note": "a note of one request"}') for _ in range(2))
    assert vars(first)["note"] is not vars(second)["note"]
