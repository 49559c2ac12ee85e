"""The field grammar: from the words of the command line to a frozen `TableSpec`.

field := name ":" type { ":" argument } { ":" flag }
type  := str:N | text | int | bigint | bool | decimal:P,S | date | datetime | uuid | json
       | enum:a,b,c | ref:table
flag  := null | unique | index | default=V | min=V | max=V
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches

from jedgebot.errors import Misuse
from jedgebot.spec import names, types, words
from jedgebot.spec.coherence import check_field
from jedgebot.spec.table import FieldSpec, TableSpec
from jedgebot.spec.types import FieldType
from jedgebot.spec.values import Value, ValueRefused

_SHELL_SAFE = re.compile(r"[A-Za-z0-9_:.,=-]*")
FLAGS = ("null", "unique", "index", "default=V", "min=V", "max=V")
_FLAG_HINT = f"The flags are: {', '.join(FLAGS)}."
_TYPES = {kind.keyword: kind for kind in types.TYPES}
_TYPE_HINT = f"The types are: {', '.join(kind.example for kind in types.TYPES)}."
_EXAMPLE = "jedgebot table add watchlists name:str:80:unique note:text:null"


def parse_table(
    name: str,
    fields: Sequence[str],
    *,
    singular: str = "",
    why: str = "",
    later: Sequence[str] = (),
) -> TableSpec:
    """Read a table as the command line describes it.

    Raises:
        Misuse: the description is not one of a table that can be.
    """
    names.check_table_name(name)
    if not fields:
        raise Misuse(f'the table "{name}" has no fields.', f"For example: {_EXAMPLE}")
    parsed: list[FieldSpec] = []
    for written in fields:
        field = parse_field(written)
        if any(field.column == other.column for other in parsed):
            raise Misuse(f'the column "{field.column}" is there twice.', "Rename or drop one.")
        parsed.append(field)
    one = singular or words.singular(name)
    return TableSpec(name, one, tuple(parsed), why=why.strip(), later=tuple(later))


def parse_field(written: str) -> FieldSpec:
    """Read one field.

    Raises:
        Misuse: it is not written as the grammar says, or cannot be.
    """
    name, *parts = written.split(":")
    if not _SHELL_SAFE.fullmatch(written):
        raise Misuse(
            f'the field "{written}" has a character that the grammar does not know.',
            "Use letters, digits and _ : , . = - only, for example name:str:80:unique.",
        )
    if not parts or not parts[0]:
        raise Misuse(f'the field "{name}" has no type.', f"For example {name}:str:80. {_TYPE_HINT}")
    kind, flags = _parse_type(name, parts)
    if isinstance(kind, types.Ref):
        name = name.removesuffix("_id")  # its column has it either way
    field = FieldSpec(name, kind)
    names.check_field_name(name, field.column)
    field = _with_flags(field, flags)
    check_field(field)
    return field


def _parse_type(name: str, parts: Sequence[str]) -> tuple[FieldType, Sequence[str]]:
    keyword, *rest = parts
    if keyword not in _TYPES:
        raise Misuse(
            f'the field "{name}" has the unknown type "{keyword}".',
            _nearest(keyword, _TYPES) or _TYPE_HINT,
        )
    match keyword:
        case "str":
            if rest and rest[0].isdecimal():
                length = _number(name, rest[0], "length", 1, types.LENGTH_MAX)
                return types.Str(length), rest[1:]
            return types.Str(), rest
        case "decimal":
            return _parse_decimal(name, rest), rest[1:]
        case "enum":
            return _parse_choice(name, rest), rest[1:]
        case "ref":
            if not rest or not rest[0]:
                raise Misuse(
                    f'the field "{name}" does not say which table it refers to.',
                    f"For example {name}:ref:portfolios.",
                )
            return types.Ref(rest[0]), rest[1:]
        case _:
            # The types left over take no arguments, so their classes have no attributes.
            return _TYPES[keyword](), rest


def _parse_decimal(name: str, rest: Sequence[str]) -> types.ExactDecimal:
    numbers = re.fullmatch(r"([0-9]{1,4}),([0-9]{1,4})", rest[0]) if rest else None
    if numbers is None:
        raise Misuse(
            f'the decimal "{name}" does not say how many digits it has.',
            f"Say how many in all and how many after the point: {name}:decimal:20,8.",
        )
    precision = _number(name, numbers[1], "number of digits", 1, types.PRECISION_MAX)
    largest = min(precision, types.SCALE_MAX)
    scale = _number(name, numbers[2], "number of digits after the point", 0, largest)
    return types.ExactDecimal(precision, scale)


def _parse_choice(name: str, rest: Sequence[str]) -> types.Choice:
    choices = tuple(rest[0].split(",")) if rest else ()
    hint = f"For example {name}:enum:buy,sell."
    if not all(re.fullmatch(r"[A-Za-z0-9_.-]+", word) for word in choices) or not choices:
        raise Misuse(f'the enum "{name}" does not say its words.', hint)
    if len(set(choices)) < len(choices):
        raise Misuse(f'the enum "{name}" has a word twice.', hint)
    if len(choices) > types.CHOICES_MAX:
        raise Misuse(f'the enum "{name}" has more than {types.CHOICES_MAX} words.', hint)
    longest = max(choices, key=len)
    if len(longest) > types.CHOICE_LENGTH_MAX:
        raise Misuse(
            f'the word "{longest}" has more than {types.CHOICE_LENGTH_MAX} characters.', hint
        )
    return types.Choice(choices)


def _number(name: str, written: str, what: str, smallest: int, largest: int) -> int:
    if len(written) > len(str(largest)) or not smallest <= int(written) <= largest:
        raise Misuse(
            f'the {what} of the field "{name}" cannot be {written}.',
            f"It has to be between {smallest} and {largest}.",
        )
    return int(written)


def _with_flags(field: FieldSpec, flags: Sequence[str]) -> FieldSpec:
    seen: set[str] = set()
    waiting = list(flags)
    while waiting:
        flag, equals, written = waiting.pop(0).partition("=")
        if isinstance(field.type, types.Instant) and equals:
            # An instant has colons of its own: min=2026-01-01T00:00:00Z.
            while waiting and re.fullmatch(r"[0-9]{2}([0-9.+-]*Z?)", waiting[0]):
                written += f":{waiting.pop(0)}"
        if flag in seen:
            raise Misuse(f'the field "{field.name}" has the flag "{flag}" twice.', "Drop one.")
        seen.add(flag)
        field = _with_flag(field, flag, written if equals else None)
    return field


def _with_flag(field: FieldSpec, flag: str, written: str | None) -> FieldSpec:
    match flag, written:
        case "null", None:
            return replace(field, nullable=True)
        case "unique", None:
            return replace(field, unique=True)
        case "index", None:
            return replace(field, index=True)
        case "default", str():
            return replace(field, default=_value(field, flag, written))
        case "min", str():
            return replace(field, minimum=_limit(field, flag, written))
        case "max", str():
            return replace(field, maximum=_limit(field, flag, written))
    known = [one.removesuffix("=V") for one in FLAGS]
    if flag in known:
        needs = "takes no value" if written is not None else "needs a value"
        raise Misuse(f'the flag "{flag}" of the field "{field.name}" {needs}.', _FLAG_HINT)
    raise Misuse(
        f'the field "{field.name}" has the unknown flag "{flag}".',
        _nearest(flag, known) or _FLAG_HINT,
    )


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
        f'the field "{field.name}" cannot have {flag}={written}.', f"{str(refusal).capitalize()}."
    )


def _nearest(word: str, known: Iterable[str]) -> str | None:
    matches = get_close_matches(word, list(known), n=1)
    return f'Did you mean "{matches[0]}"?' if matches else None
