"""Types whose values are numbers, points in time, identifiers or documents."""

from dataclasses import dataclass
from typing import ClassVar

from jedgebot.spec import values
from jedgebot.spec.field_type import Bounds, FieldType
from jedgebot.spec.values import Value

# Those of backend.core.schemas, whose import takes longer than a misuse should (a test compares).
INT_MAX = 2**31 - 1
BIGINT_MAX = 2**63 - 1

PRECISION_MAX = 38
SCALE_MAX = 18


class _Ordered(FieldType):
    """A type whose limits are values."""

    ordered = True

    def limit(self, text: str) -> Value:
        """A value of the type."""
        return self.value(text)


@dataclass(frozen=True)
class Int(_Ordered):
    """A whole number of 32 bits."""

    keyword = "int"
    example = "int"
    largest: ClassVar[int] = INT_MAX

    @property
    def bounds(self) -> Bounds:
        """What the column holds."""
        return -self.largest - 1, self.largest

    def value(self, text: str) -> Value:
        """A whole number."""
        return values.integer(text, -self.largest - 1, self.largest)


@dataclass(frozen=True)
class BigInt(Int):
    """A whole number of 64 bits."""

    keyword = "bigint"
    example = "bigint"
    largest = BIGINT_MAX


@dataclass(frozen=True)
class Bool(FieldType):
    """True or false."""

    keyword = "bool"
    example = "bool"

    def value(self, text: str) -> Value:
        """The word true or false."""
        return values.boolean(text)


@dataclass(frozen=True)
class ExactDecimal(_Ordered):
    """A decimal number that is never rounded."""

    keyword = "decimal"
    example = "decimal:20,8"
    precision: int
    scale: int

    @property
    def written(self) -> str:
        """The keyword, the precision and the scale."""
        return f"decimal:{self.precision},{self.scale}"

    def value(self, text: str) -> Value:
        """A number that the column holds without rounding."""
        return values.decimal(text, self.precision, self.scale)


@dataclass(frozen=True)
class Day(_Ordered):
    """A day of the calendar."""

    keyword = "date"
    example = "date"

    def value(self, text: str) -> Value:
        """A day as ISO 8601 writes it."""
        return values.day(text)


@dataclass(frozen=True)
class Instant(_Ordered):
    """A point in time, with a zone."""

    keyword = "datetime"
    example = "datetime"

    def value(self, text: str) -> Value:
        """An instant as RFC 3339 writes it."""
        return values.instant(text)


@dataclass(frozen=True)
class Time(_Ordered):
    """A time of day, without a zone."""

    keyword = "time"
    example = "time"

    def value(self, text: str) -> Value:
        """A time as ISO 8601 writes it."""
        return values.time_of_day(text)


@dataclass(frozen=True)
class Uuid(FieldType):
    """A UUID."""

    keyword = "uuid"
    example = "uuid"

    def value(self, text: str) -> Value:
        """The usual form with hyphens."""
        return values.uuid(text)


@dataclass(frozen=True)
class Json(FieldType):
    """Any JSON value."""

    keyword = "json"
    example = "json"
    filterable = False

    @property
    def index_bytes(self) -> None:
        """No order among JSON values is the same on all databases."""
        return


MONEY = ExactDecimal(20, 8)
"""What the word money stands for."""
