"""The types a field may have: what each is called and takes, and which values it holds."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from jedgebot.spec import values
from jedgebot.spec.values import Value, ValueRefused

# Those of backend.core.schemas, whose import takes longer than a misuse should (a test compares).
INT_MAX = 2**31 - 1
BIGINT_MAX = 2**63 - 1
TEXT_MAX = 100_000

INDEXED_LENGTH_MAX = 600  # characters of four bytes: a PostgreSQL index entry holds 2,700 bytes
DEFAULT_LENGTH = 255
LENGTH_MAX = 10_000
PRECISION_MAX = 38
SCALE_MAX = 18
CHOICE_LENGTH_MAX = 32
CHOICES_MAX = 50

Bounds = tuple[Value | None, Value | None]
OnDelete = Literal["restrict", "cascade", "setnull"]


@dataclass(frozen=True)
class FieldType:
    """A type in the field grammar.

    Attributes:
        keyword: how the grammar calls it.
        example: the type with its arguments, as help texts show it.
    """

    keyword: ClassVar[str]
    example: ClassVar[str]

    @property
    def written(self) -> str:
        """The type as the grammar writes it."""
        return self.keyword

    @property
    def indexable(self) -> bool:
        """Whether an index holds every value of the type."""
        return True

    @property
    def bounds(self) -> Bounds:
        """The limits that the type itself sets."""
        return None, None

    def value(self, text: str) -> Value:
        """Read a default.

        Raises:
            ValueRefused: the text is no value of this type.
        """
        raise ValueRefused(f"the type {self.keyword} takes no default")

    def limit(self, text: str) -> Value:
        """Read a `min` or `max`.

        Raises:
            ValueRefused: the text is no limit of this type.
        """
        raise ValueRefused(f"the type {self.keyword} takes no min and no max")

    def measure(self, value: Value) -> Value:
        """What of a value the limits are compared with."""
        return value


class _Characters(FieldType):
    """Text; its limits are lengths."""

    @property
    def longest(self) -> int:
        """How many characters it may have."""
        return TEXT_MAX

    def value(self, text: str) -> Value:
        """Any text that is not empty."""
        return values.text(text)

    def limit(self, text: str) -> Value:
        """A length."""
        return values.integer(text, 0, self.longest)

    def measure(self, value: Value) -> Value:
        """The length."""
        return len(str(value))


@dataclass(frozen=True)
class Str(_Characters):
    """Text of a limited length."""

    keyword = "str"
    example = "str:80"
    length: int = DEFAULT_LENGTH

    @property
    def longest(self) -> int:
        """How many characters the column holds."""
        return self.length

    @property
    def written(self) -> str:
        """The keyword and the length."""
        return f"str:{self.length}"

    @property
    def indexable(self) -> bool:
        """Only where the longest text fits into an index entry."""
        return self.length <= INDEXED_LENGTH_MAX

    @property
    def bounds(self) -> Bounds:
        """At least one character, and at most as many as the column holds."""
        return 1, self.longest


@dataclass(frozen=True)
class LongText(_Characters):
    """Text without a length in the database."""

    keyword = "text"
    example = "text"

    @property
    def indexable(self) -> bool:
        """Never: an index entry does not hold a long text."""
        return False

    @property
    def bounds(self) -> Bounds:
        """Up to what every table allows for a text."""
        return 0, self.longest


class _Ordered(FieldType):
    """A type whose limits are values."""

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

    @property
    def indexable(self) -> bool:
        """Never: no order among JSON values is the same on all databases."""
        return False


@dataclass(frozen=True)
class Choice(FieldType):
    """One of a few words."""

    keyword = "enum"
    example = "enum:buy,sell"
    words: tuple[str, ...]

    @property
    def written(self) -> str:
        """The keyword and the words."""
        return f"enum:{','.join(self.words)}"

    def value(self, text: str) -> Value:
        """One of the words."""
        if text not in self.words:
            raise ValueRefused(f"it is one of {', '.join(self.words)}")
        return text


@dataclass(frozen=True)
class Ref(FieldType):
    """A row of another table.

    Attributes:
        table: the other table.
        column: the column of it that is named.
        on_delete: when the other row is deleted: that is refused, or this row goes with it, or
            forgets it.
        soft: whether the service looks for the row, instead of a foreign key.
        owned: whether its rows belong to users, so that it is known by `user_id` and `id`;
            else by `id` alone.
    """

    keyword = "ref"
    example = "ref:portfolios"
    table: str
    column: str = "id"
    on_delete: OnDelete = "restrict"
    soft: bool = False
    owned: bool = True

    @property
    def written(self) -> str:
        """The keyword and the table."""
        return f"ref:{self.table}"


TYPES: tuple[type[FieldType], ...] = (
    Str,
    LongText,
    Int,
    BigInt,
    Bool,
    ExactDecimal,
    Day,
    Instant,
    Uuid,
    Json,
    Choice,
    Ref,
)
"""Every type, in the order in which help texts list them."""
