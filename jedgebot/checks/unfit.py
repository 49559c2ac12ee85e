"""Values that a column cannot keep as they are, so that no body may bring them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Enum,
    Integer,
    SmallInteger,
    String,
    Text,
)
from sqlalchemy.types import TypeDecorator

from backend.core.schemas import BIGINT_MAX, INT_MAX, TEXT_MAX
from backend.core.types import ExactDecimal

_SMALLINT_MAX = 2**15 - 1
_NO_WORD = "a-word-of-no-enum"


@dataclass(frozen=True)
class Unfit:
    """A value that does not fit a column.

    Attributes:
        value: as JSON has it.
        shown: what it is, in words.
        holds: what the column has instead.
        remedy: the type that refuses it.
    """

    value: object
    shown: str
    holds: str
    remedy: str


def unfit_for(column: Column[Any]) -> Iterator[Unfit]:
    """What does not fit the column; nothing for types that take whatever their schema takes."""
    kind = column.type
    inner = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    match kind:
        case ExactDecimal(precision=precision, scale=scale):
            yield from _decimals(precision, scale)
        case Enum(enums=words):
            listed = ", ".join(words)
            yield Unfit(_NO_WORD, "any word", f"only {listed}", f"the Literal of {listed}")
        case Text():
            yield from _texts(TEXT_MAX, "a text holds", "TEXT_MAX")
        case String(length=int(length)):
            yield from _texts(length, "the column holds", str(length))
        case BigInteger():
            yield from _integers(BIGINT_MAX, "Int64 of backend.core.schemas")
        case SmallInteger():
            yield from _integers(_SMALLINT_MAX, "Field(ge=…, le=…)")
        case Integer():
            yield from _integers(INT_MAX, "Int32 of backend.core.schemas")
        case Date():
            yield Unfit(0, "the number 0", "a day", "CalendarDay of backend.core.schemas")
    if isinstance(inner, DateTime):
        yield Unfit(
            "2026-01-31T09:30:00",
            "a time without a zone",
            "an instant",
            "Instant of backend.core.schemas",
        )


def _texts(length: int, holds: str, written: str) -> Iterator[Unfit]:
    yield Unfit(
        "a" * (length + 1),
        f"{length + 1} characters",
        f"{holds} {length}",
        f"Field(max_length={written})",
    )


def _integers(largest: int, remedy: str) -> Iterator[Unfit]:
    holds = f"the column holds {-largest - 1} to {largest}"
    for value in (largest + 1, -largest - 2):
        yield Unfit(value, f"the number {value}", holds, remedy)


def _decimals(precision: int, scale: int) -> Iterator[Unfit]:
    whole = precision - scale
    remedy = f"Exact({precision}, {scale}) of backend.core.schemas"
    digits = f"{whole} digits before the point"
    places = f"{scale} after it"
    for sign in ("", "-"):
        yield Unfit(f"{sign}1{'0' * whole}", f"{whole + 1} digits before the point", digits, remedy)
        for number in ("0", "1"):
            yield Unfit(f"{sign}{number}.{'0' * scale}1", f"{scale + 1} places", places, remedy)
    yield Unfit(0.5, "a JSON number, which may have lost digits", "exact ones", remedy)
