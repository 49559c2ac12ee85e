"""Instants, days, times of day and time zones."""

import re
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

TIMEZONE_LENGTH = 64
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
_NOT_PLACES = frozenset({"Factory", "localtime"})


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("the instant is outside the years 1 to 9999") from None


def _written(value: object) -> object:
    if isinstance(value, datetime) or (isinstance(value, str) and "T" in value.upper()):
        return value
    raise ValueError("an instant is written as in RFC 3339, such as 2026-01-31T09:30:00Z")


def rfc3339(instant: datetime) -> str:
    """An aware instant as every answer writes it: in UTC, with `Z`."""
    text = instant.astimezone(UTC).isoformat().removesuffix("+00:00")
    return f"{text.rstrip('0')}Z" if instant.microsecond else f"{text}Z"


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_written),
    AfterValidator(_in_utc),
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
]
"""An RFC 3339 time with a zone; answered in UTC, without zeros at the end of the fraction."""


def _written_as_a_day(value: object) -> object:
    # Pydantic would also read a number, as seconds since 1970.
    if isinstance(value, date) or (
        isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII)
    ):
        return value
    raise ValueError("a day is written like 2026-01-31")


def _written_as_a_time(value: object) -> object:
    # Pydantic would also read a number, as seconds since midnight, and a time with a zone.
    if isinstance(value, time) or (isinstance(value, str) and re.fullmatch(_TIME, value)):
        return value
    raise ValueError("a time of day is written like 09:30:00, without a zone")


def _without_zone(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("a time of day has no zone")
    return value


def time_text(value: time) -> str:
    """A time of day as every answer writes it: without zeros at the end of the fraction."""
    text = value.isoformat()
    return text.rstrip("0") if value.microsecond else text


@cache
def iana_names() -> frozenset[str]:
    """The names of the IANA time zone database."""
    return frozenset(available_timezones()) - _NOT_PLACES


def _iana_name(name: str) -> str:
    if name not in iana_names():
        raise ValueError("not a name of the IANA time zone database, such as Europe/Zurich")
    return name


CalendarDay = Annotated[date, BeforeValidator(_written_as_a_day)]
"""A day, written as RFC 3339 writes it."""

TimeOfDay = Annotated[
    time,
    BeforeValidator(_written_as_a_time),
    AfterValidator(_without_zone),
    PlainSerializer(time_text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "time-local", "pattern": f"^{_TIME}$"}),
]
"""A time of day without a zone, like 09:30:00; answered without zeros at the end of the fraction.
"""

TimezoneName = Annotated[str, Field(max_length=TIMEZONE_LENGTH), AfterValidator(_iana_name)]
"""A name of the IANA time zone database, such as Europe/Zurich."""
