"""Dates and times as brokers write them; the date is never shifted."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Literal, NamedTuple

from backend.ledger.statements.decimals import shown

DateOrder = Literal["iso", "ymd", "mdy", "dmy"]
"""`iso` takes 2024-05-31 alone; the others take 20240531 and 2024-05-31 too, which say their
order themselves, and single digits, with -, / or . between."""


class Moment(NamedTuple):
    """When something happened: the date as written, and the instant if there is a time."""

    day: date
    instant: datetime | None


_PARTS = re.compile(r"(?P<date>[0-9./-]{6,10})(?:[T ;,]\s*(?P<time>[0-9].*))?")
_PLAIN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|\+00:00)")
_YEAR_FIRST = re.compile(r"([0-9]{4})([-/.]?)([0-9]{2})\2([0-9]{2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"(?P<hour>[0-9]{2}|[0-9](?=:)):?(?P<minute>[0-9]{2})(?::?(?P<second>[0-9]{2})"
    r"(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[-+][0-9]{2}:?(?:[0-9]{2})?)?",
    re.IGNORECASE,
)


def moment(text: str, order: DateOrder, zone: tzinfo = UTC) -> Moment:
    """The date, and the instant if there is a time.

    The date stays as it is written, whatever the offset. A time without a zone is read in
    `zone`.

    Raises:
        ValueError: it is no date of that order.
    """
    if _PLAIN.fullmatch(text):
        # What most files write; the rest of the grammar would take five times as long.
        return Moment(day_of(text[:10], order), _plain(text))
    parts = _PARTS.fullmatch(text.strip())
    if parts is None:
        raise ValueError(f"is not a date: {shown(text)}")
    day = day_of(parts["date"], order)
    return Moment(day, None if parts["time"] is None else instant(day, parts["time"], zone))


def _plain(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"is not a time: {shown(text)}") from None


@lru_cache(maxsize=4096)
def day_of(text: str, order: DateOrder) -> date:
    """The date that a text says.

    Raises:
        ValueError: it is no date of that order.
    """
    if order == "iso":
        found = _YEAR_FIRST.fullmatch(text) if _ISO.fullmatch(text) else None
    else:
        found = _YEAR_FIRST.fullmatch(text)
    if found is not None:
        year, month, day = found[1], found[3], found[4]
    elif order in ("mdy", "dmy") and (found := _YEAR_LAST.fullmatch(text)):
        month, day = (found[1], found[3]) if order == "mdy" else (found[3], found[1])
        year = found[4]
    else:
        wanted = {"iso": "YYYY-MM-DD", "ymd": "YYYYMMDD", "mdy": "MM/DD/YYYY", "dmy": "DD-MM-YYYY"}
        raise ValueError(f"is not a date as {wanted[order]}: {shown(text)}")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise ValueError(f"is not a day of the calendar: {shown(text)}") from None


def instant(day: date, text: str, zone: tzinfo = UTC) -> datetime:
    """The instant of a time on a day, to the microsecond.

    Raises:
        ValueError: it is no time.
    """
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"is not a time: {shown(text)}")
    microsecond = int((found["fraction"] or "0").ljust(6, "0")[:6])
    try:
        at = time(int(found["hour"]), int(found["minute"]), int(found["second"] or 0), microsecond)
    except ValueError:
        raise ValueError(f"is not a time: {shown(text)}") from None
    return datetime.combine(day, at, zone if found["zone"] is None else _offset(found["zone"]))


@lru_cache(maxsize=64)
def _offset(text: str) -> tzinfo:
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "")
    distance = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    try:
        return timezone(-distance if text[0] == "-" else distance)
    except ValueError:
        raise ValueError(f"is not an offset from UTC: {shown(text)}") from None
