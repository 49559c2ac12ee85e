"""What the parts of a field ask of each other, where each alone is right."""

from datetime import date, time
from decimal import Decimal
from itertools import pairwise
from typing import cast

from jedgebot.errors import Misuse
from jedgebot.spec import types
from jedgebot.spec.table import FieldSpec
from jedgebot.spec.values import Value, written

DISTINCT_MIN = 100
"""A unique field has at least so many values."""


def check_field(field: FieldSpec) -> None:
    """Let a field pass whose type and flags go together.

    Raises:
        Misuse: they do not.
    """
    _check_limits(field)
    if isinstance(field.type, types.Ref):
        _check_reference(field, field.type)
    if field.unique:
        _check_unique(field)
    if field.unique or field.index:
        _check_index(field)
    if field.access == "readonly":
        _check_readonly(field)
    _check_list(field)


def distinct_values(field: FieldSpec) -> int:
    """How many values a field has, as far as it matters: no more than `DISTINCT_MIN`, or more."""
    low, high = field.limits
    count = DISTINCT_MIN
    match field.type, low, high:
        case types.Bool(), _, _:
            count = 2
        case types.Choice(words=words), _, _:
            count = len(words)
        case types.Str() | types.LongText() | types.Bytes(), _, 0:
            count = 1
        case types.Str(), _, 1:
            count = 10
        case types.Int(), int(), int():
            count = high - low + 1
        case types.ExactDecimal(scale=scale), Decimal(), Decimal():
            count = int((high - low).scaleb(scale)) + 1
        case types.ExactDecimal(precision=precision), _, _:
            count = 10**precision
        case types.Time(), time(), time():
            count = _seconds(high) - _seconds(low) + 1
        case types.Day() | types.Instant(), date(), date():
            count = (high - low).days + 1
    return count


def _seconds(moment: time) -> int:
    return (moment.hour * 60 + moment.minute) * 60 + moment.second


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
        return f"at least {_shown(low)}"
    return f"at most {_shown(high)}" if low is None else f"between {_shown(low)} and {_shown(high)}"


def _shown(value: Value | None) -> str:
    return "" if value is None else written(value)


def _ordered(*values: Value | None) -> bool:
    """Whether those values that are there, all of one type, ascend."""
    present = [value for value in values if value is not None]
    return all(a <= b for a, b in pairwise(cast("list[int]", present)))


def _check_reference(field: FieldSpec, ref: types.Ref) -> None:
    if ref.on_delete == "setnull" and not field.nullable:
        raise Misuse(
            f'the field "{field.name}" is to become null when its row is deleted, and may not be.',
            "Add the flag null, or use restrict or cascade instead of setnull.",
        )
    if ref.soft and ref.on_delete != "restrict":
        raise Misuse(
            f'the field "{field.name}" is soft: no foreign key sees that its row is deleted.',
            f"Drop the flag {ref.on_delete}, or the flag soft.",
        )
    if ref.soft and ref.column != types.KEY:
        raise Misuse(
            f'the field "{field.name}" is soft, and the service looks for rows by their id only.',
            f"Write {field.name}:ref:{ref.table}:soft, or drop the flag soft.",
        )


def _check_unique(field: FieldSpec) -> None:
    if field.default is not None:
        raise Misuse(
            f'the field "{field.name}" is unique and has a default, which one row could have.',
            "Drop one of the flags.",
        )
    if distinct_values(field) < DISTINCT_MIN:
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


def _check_readonly(field: FieldSpec) -> None:
    what = f'the field "{field.name}" is readonly: no client sends it, so'
    if field.required:
        raise Misuse(f"{what} a new row has no value for it.", "Add the flag null, or a default.")
    if field.minimum is not None or field.maximum is not None:
        raise Misuse(f"{what} nothing is compared with its limits.", "Drop min and max.")
    if isinstance(field.type, types.TextKind):
        raise Misuse(
            f"{what} nothing checks that it is {field.type.phrase}.",
            f"Write {field.name}:str:{field.type.length} instead.",
        )
    if isinstance(field.type, types.Ref) and field.type.soft:
        raise Misuse(f"{what} no operation looks for the row it names.", "Drop the flag soft.")


def _check_list(field: FieldSpec) -> None:
    is_flagged = {"filter": field.filter, "sort": field.sort, "search": field.search}
    is_possible = {
        "filter": field.type.filterable,
        "sort": field.type.sortable,
        "search": field.type.searchable,
    }
    for flag in (flag for flag, is_set in is_flagged.items() if is_set):
        what = f'the list cannot {flag} by the field "{field.name}"'
        if flag == "search":
            what = f'the list cannot search in the field "{field.name}"'
        if field.access == "hidden":
            raise Misuse(f"{what}: it is hidden.", f"Drop the flag {flag}, or the flag hidden.")
        if not is_possible[flag]:
            raise Misuse(f"{what}, a {field.type.written}.", f"Drop the flag {flag}.")
        if flag == "sort" and field.nullable:
            raise Misuse(f"{what}: it may be null.", "Drop the flag sort, or the flag null.")
