"""The flags of a field."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

from jedgebot.errors import Misuse
from jedgebot.spec import types
from jedgebot.spec.suggestions import nearest
from jedgebot.spec.table import Access, FieldSpec
from jedgebot.spec.values import Value, ValueRefused

FLAGS = (
    "null",
    "unique",
    "index",
    "default=V",
    "min=V",
    "max=V",
    "cascade",
    "restrict",
    "setnull",
    "soft",
    "readonly",
    "writeonce",
    "hidden",
    "filter",
    "sort",
    "search",
)
_FLAG_HINT = f"The flags are: {', '.join(FLAGS)}."
_TAKES_VALUE = {flag.removesuffix("=V"): flag.endswith("=V") for flag in FLAGS}
_OF_REFERENCES = frozenset({"soft", *get_args(types.OnDelete)})
_MORE_OF_A_TIME = re.compile(r"[0-9]{2}([0-9.+-]*Z?)")


def is_like_flag(written: str) -> bool:
    """Whether a part of a field is a flag, or was probably meant to be one."""
    flag = written.partition("=")[0]
    return flag in _TAKES_VALUE or nearest(flag, _TAKES_VALUE) is not None


def with_flags(field: FieldSpec, flags: Sequence[str]) -> FieldSpec:
    """The field with its flags, each as it is written.

    Raises:
        Misuse: one is unknown, there twice, not for this type, or has a value that cannot be.
    """
    seen: set[str] = set()
    waiting = list(flags)
    while waiting:
        flag, equals, written = waiting.pop(0).partition("=")
        if isinstance(field.type, types.Instant | types.Time) and equals:
            # These have colons of their own: min=2026-01-01T00:00:00Z.
            while waiting and _MORE_OF_A_TIME.fullmatch(waiting[0]):
                written += f":{waiting.pop(0)}"
        if flag in seen:
            raise Misuse(f'the field "{field.name}" has the flag "{flag}" twice.', "Drop one.")
        _require_one_of(field, flag, seen, get_args(types.OnDelete))
        _require_one_of(field, flag, seen, get_args(Access))
        seen.add(flag)
        field = _with_flag(field, flag, written if equals else None)
    if isinstance(field.type, types.Ref) and {"soft", "restrict"} <= seen:
        raise Misuse(
            f'the field "{field.name}" is soft: no foreign key sees that its row is deleted.',
            "Drop the flag restrict, or the flag soft.",
        )
    return field


def _require_one_of(
    field: FieldSpec, flag: str, seen: set[str], alternatives: tuple[str, ...]
) -> None:
    others = seen.intersection(alternatives)
    if flag in alternatives and others:
        raise Misuse(
            f'the field "{field.name}" is both {min(others)} and {flag}.', "Drop one of the flags."
        )


def _with_flag(field: FieldSpec, flag: str, written: str | None) -> FieldSpec:
    if flag not in _TAKES_VALUE:
        raise Misuse(
            f'the field "{field.name}" has the unknown flag "{flag}".',
            nearest(flag, _TAKES_VALUE) or _FLAG_HINT,
        )
    if _TAKES_VALUE[flag] != (written is not None):
        needs = "needs a value" if written is None else "takes no value"
        raise Misuse(f'the flag "{flag}" of the field "{field.name}" {needs}.', _FLAG_HINT)
    if written is not None:
        return _with_value(field, flag, written)
    if flag in _OF_REFERENCES:
        return replace(field, type=_with_reference_flag(field, flag))
    match flag:
        case "readonly" | "writeonce" | "hidden":
            return replace(field, access=flag)
        case "unique":
            return replace(field, unique=True)
        case "index":
            return replace(field, index=True)
        case _:
            return _with_list_flag(field, flag)


def _with_list_flag(field: FieldSpec, flag: str) -> FieldSpec:
    match flag:
        case "filter":
            return replace(field, filter=True)
        case "sort":
            return replace(field, sort=True)
        case "search":
            return replace(field, search=True)
        case _:
            return replace(field, nullable=True)


def _with_value(field: FieldSpec, flag: str, written: str) -> FieldSpec:
    match flag:
        case "default":
            return replace(field, default=_value(field, flag, written))
        case "min":
            return replace(field, minimum=_limit(field, flag, written))
        case _:
            return replace(field, maximum=_limit(field, flag, written))


def _with_reference_flag(field: FieldSpec, flag: str) -> types.Ref:
    if not isinstance(field.type, types.Ref):
        raise Misuse(
            f'the field "{field.name}" has the flag "{flag}", which is for references only.',
            f"Drop it, or refer to a table: {field.name}:ref:portfolios:{flag}.",
        )
    match flag:
        case "restrict" | "cascade" | "setnull":
            return replace(field.type, on_delete=flag)
        case _:
            return replace(field.type, soft=True)


def _value(field: FieldSpec, flag: str, written: str) -> Value:
    try:
        return field.type.value(written)
    except ValueRefused as refusal:
        raise _refused(field, flag, written, refusal) from None


def _limit(field: FieldSpec, flag: str, written: str) -> Value | None:
    """A limit, or None where it says no more than the type itself."""
    try:
        limit = field.type.limit(written)
    except ValueRefused as refusal:
        raise _refused(field, flag, written, refusal) from None
    low, high = field.type.bounds
    return None if limit == (low if flag == "min" else high) else limit


def _refused(field: FieldSpec, flag: str, written: str, refusal: ValueRefused) -> Misuse:
    return Misuse(
        f'the field "{field.name}" cannot have {flag}={written}.',
        f"{str(refusal)[:1].upper()}{str(refusal)[1:]}.",
    )
