"""Values at the edges of what a column holds, made from its type alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Enum,
    Float,
    Integer,
    Interval,
    LargeBinary,
    Numeric,
    SmallInteger,
    String,
    Text,
    Time,
    Uuid,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from backend.core.types import ExactDecimal, UTCDateTime
from jedgebot.spec.types import BYTES_MAX, TEXT_MAX

MANY = 1000
"""How many different values are known of a type that has more than a few."""

_ODD = "'\"\\%:;--\n\t\r é\u2028\U0001f600"
_UNLIMITED = 1000  # characters of a String without a length


class NoValues(Exception):
    """Nothing is known of a type of columns."""


@dataclass(frozen=True)
class Values:
    """What is known of the values of a type.

    Attributes:
        edges: the least, the greatest and odd ones; of an Enum every one.
        distinct: gives a different one for each number below `count`.
    """

    edges: Sequence[Any]
    distinct: Callable[[int], Any]
    count: int = MANY


def values_of(type_: TypeEngine[Any]) -> Values:
    """The values of a type of columns.

    Raises:
        NoValues: the type is not known.
    """
    while isinstance(type_, TypeDecorator) and not isinstance(type_, UTCDateTime | ExactDecimal):
        type_ = type_.impl_instance
    for kind, make in _MAKERS:
        if isinstance(type_, kind):
            return make(type_)
    raise NoValues(type_)


def _choices(type_: Enum) -> Values:
    words = list(type_.enum_class) if type_.enum_class is not None else list(type_.enums)
    return Values(words, words.__getitem__, len(words))


def _texts(type_: String) -> Values:
    length = type_.length or (TEXT_MAX if isinstance(type_, Text) else _UNLIMITED)
    longest, odd = "\U0001f600" * length, (_ODD * length)[:length]
    # Pictures one after the other, as long as the column allows.
    return Values(["", longest, odd, "0"], lambda number: chr(0x1F300 + number) * min(length, 200))


def _truths(_type: Boolean) -> Values:
    return Values([True, False], bool, 2)


def _integers(bits: int) -> Callable[[Integer], Values]:
    largest = 2 ** (bits - 1) - 1
    return lambda _type: Values([-largest - 1, largest, 0], lambda number: largest - number)


def _floats(_type: Float[Any]) -> Values:
    return Values([0.0, -1e300, 1e-300, 0.1], float)


def _decimals(type_: Numeric[Any] | ExactDecimal) -> Values:
    precision, scale = type_.precision or 20, type_.scale or 0
    largest, least = Decimal((0, (9,) * precision, -scale)), Decimal((0, (1,), -scale))
    edges = [Decimal(0), largest, largest.copy_negate(), least, least.copy_negate()]
    count = min(MANY, 10**precision)
    return Values(edges, lambda number: Decimal(number).scaleb(-scale), count)


def _instants(type_: DateTime | UTCDateTime) -> Values:
    zone = UTC if isinstance(type_, UTCDateTime) or type_.timezone else None
    first, last, epoch = (
        day.replace(tzinfo=zone)
        for day in (datetime.min, datetime.max, datetime(1970, 1, 1))  # noqa: DTZ001, DTZ901 - it gets one
    )
    return Values([first, last, epoch], lambda number: last - number * datetime.resolution)


def _days(_type: Date) -> Values:
    leap = date(2000, 2, 29)
    return Values([date.min, date.max, leap], lambda number: date.max - timedelta(number))


def _times(_type: Time) -> Values:
    return Values([time.min, time.max, time(12)], lambda number: time(0, 0, 0, number))


def _durations(_type: Interval) -> Values:
    long = timedelta(days=9999, microseconds=1)
    return Values([timedelta(), long], lambda number: long - timedelta(number))


def _uuids(_type: Uuid[Any]) -> Values:
    last = 2**128 - 1
    return Values([UUID(int=0), UUID(int=last)], lambda number: UUID(int=last - number))


def _bytes(type_: LargeBinary) -> Values:
    length = type_.length or BYTES_MAX
    longest = (bytes(range(256)) * (length // 256 + 1))[:length]
    return Values([b"", longest, b"\0"], lambda number: number.to_bytes(4, "big"))


def _documents(_type: JSON) -> Values:
    nested = {"é\\": [None, True, {"": 2**53}]}
    return Values([{}, [], "\U0001f600", -0.5, nested], lambda number: [number])


_MAKERS: tuple[tuple[type[Any] | tuple[type[Any], ...], Callable[[Any], Values]], ...] = (
    # Those that others derive from come behind them.
    (Enum, _choices),
    (String, _texts),
    (Boolean, _truths),
    (SmallInteger, _integers(16)),
    (BigInteger, _integers(64)),
    (Integer, _integers(32)),
    (Float, _floats),
    ((Numeric, ExactDecimal), _decimals),
    ((DateTime, UTCDateTime), _instants),
    (Date, _days),
    (Time, _times),
    (Interval, _durations),
    (Uuid, _uuids),
    (LargeBinary, _bytes),
    (JSON, _documents),
)
