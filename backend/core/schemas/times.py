"""Instants, days, times of day and time zones."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import core_schema

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


@dataclass(frozen=True)
class _InUTC:
    """How an instant is read and written, said to Pydantic in its own terms.

    Of validators and a serializer it would read the signatures anew for each field: 0.1 ms, of
    which every module has several, and which its first request waits for.
    """

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(
            _in_utc,
            core_schema.no_info_before_validator_function(_written, handler(source)),
            serialization=core_schema.plain_serializer_function_ser_schema(
                rfc3339, return_schema=core_schema.str_schema(), when_used="json"
            ),
        )


Instant = Annotated[AwareDatetime, _InUTC()]
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
