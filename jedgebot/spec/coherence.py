"""What the parts of a field ask of each other, where each alone is right."""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import cast

from jedgebot.errors import Misuse
from jedgebot.spec import types
from jedgebot.spec.table import FieldSpec
from jedgebot.spec.values import Value

_DISTINCT_MIN = 100


def check_field(field: FieldSpec) -> None:
    """Let a field pass whose type and flags go together.

    Raises:
        Misuse: they do not.
    """
    _check_limits(field)
    if field.unique:
        _check_unique(field)
    if field.unique or field.index:
        _check_index(field)


def _check_limits(field: FieldSpec) -> None:
    low, high = field.limits
    if not _ordered(low, high):
        raise Misuse(f'the min of the field "{field.name}" is above its max.', "Exchange them.")
    if field.default is not None and not _ordered(low, field.type.measure(field.default), high):
        raise Misuse(
            f'the default of the field "{field.name}" is outside its limits.',
            f"It has to be {_between(low, high)}.",
        )


def _between(low: Value | None, high: Value | None) -> str:
    if high is None:
        return f"at least {low}"
    return f"at most {high}" if low is None else f"between {low} and {high}"


def _ordered(*values: Value | None) -> bool:
    """Whether those values that are there, all of one type, ascend."""
    present = [value for value in values if value is not None]
    return all(a <= b for a, b in pairwise(cast("list[int]", present)))


def _check_unique(field: FieldSpec) -> None:
    if field.default is not None:
        raise Misuse(
            f'the field "{field.name}" is unique and has a default, which one row could have.',
            "Drop one of the flags.",
        )
    if _distinct(field) < _DISTINCT_MIN:
        raise Misuse(
            f'the field "{field.name}" cannot be unique: it has too few different values.',
            "Drop the flag unique, or widen the limits.",
        )


def _check_index(field: FieldSpec) -> None:
    if not field.type.indexable:
        raise Misuse(
            f'the field "{field.name}" cannot have an index: none holds any {field.type.written}.',
            f"Use str:N with N up to {types.INDEXED_LENGTH_MAX}, or drop the flag.",
        )
    if field.index and (field.unique or isinstance(field.type, types.Ref)):
        reason = "is unique" if field.unique else "is a reference"
        raise Misuse(
            f'the field "{field.name}" {reason} and so has an index already.',
            "Drop the flag index.",
        )


def _distinct(field: FieldSpec) -> int:
    """How many values a field has, as far as it matters."""
    low, high = field.limits
    count = _DISTINCT_MIN
    match field.type, low, high:
        case types.Bool(), _, _:
            count = 2
        case types.Choice(words=words), _, _:
            count = len(words)
        case types.Str(), _, 1:
            count = 10
        case types.Int(), int(), int():
            count = high - low + 1
        case types.ExactDecimal(scale=scale), Decimal(), Decimal():
            count = int((high - low).scaleb(scale)) + 1
        case types.Day() | types.Instant(), date(), date():
            count = (high - low).days + 1
    return count
