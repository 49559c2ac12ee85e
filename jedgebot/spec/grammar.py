"""The field grammar: from the words of the command line to a frozen `TableSpec`.

field := name ":" type { ":" argument } { ":" flag }
type  := str:N | text | int | bigint | bool | decimal:P,S | money | date | datetime | time | uuid
       | json | bytes | enum:a,b,c | email | url | currency | timezone | ref:table[.column]
flag  := null | unique | index | default=V | min=V | max=V | cascade | restrict | setnull | soft
       | readonly | writeonce | hidden | filter | sort | search
"""

import re
from collections.abc import Sequence

from jedgebot.errors import Misuse
from jedgebot.spec import names, types
from jedgebot.spec.building import TableOptions, build_table
from jedgebot.spec.coherence import check_field
from jedgebot.spec.flags import is_like_flag, with_flags
from jedgebot.spec.suggestions import nearest
from jedgebot.spec.table import FieldSpec, TableSpec
from jedgebot.spec.types import FieldType

_SHELL_SAFE = re.compile(r"[A-Za-z0-9_:.,=-]*")
_TYPES = {kind.keyword: kind for kind in types.TYPES}
_KEYWORDS = (*_TYPES, *types.WORDS)
_TYPE_HINT = f"The types are: {', '.join((*(kind.example for kind in types.TYPES), *types.WORDS))}."
_EXAMPLE = "jedgebot table add watchlists name:str:80:unique note:text:null"


def parse_table(
    name: str,
    fields: Sequence[str],
    options: TableOptions = TableOptions(),  # noqa: B008 - it is frozen
) -> TableSpec:
    """Read a table as the command line describes it.

    Args:
        name: of the table.
        fields: each as the grammar writes it.
        options: what is said beside the fields.

    Raises:
        Misuse: the description is not one of a table that can be.
    """
    names.check_table_name(name)
    if not fields:
        raise Misuse(f'the table "{name}" has no fields.', f"For example: {_EXAMPLE}")
    return build_table(name, [parse_field(written) for written in fields], options)


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
        name = kind.field_of(name)  # its column has the ending either way
    field = FieldSpec(name, kind)
    names.check_field_name(name, field.column)
    field = with_flags(field, flags)
    check_field(field)
    return field


def _parse_type(name: str, parts: Sequence[str]) -> tuple[FieldType, Sequence[str]]:
    keyword, *rest = parts
    if keyword not in _KEYWORDS:
        raise Misuse(
            f'the field "{name}" has the unknown type "{keyword}".',
            nearest(keyword, _KEYWORDS) or _TYPE_HINT,
        )
    match keyword:
        case "str":
            if rest and not is_like_flag(rest[0]):
                length = _number(name, rest[0], "length", 1, types.LENGTH_MAX)
                return types.Str(length), rest[1:]
            return types.Str(), rest
        case "decimal":
            return _parse_decimal(name, rest), rest[1:]
        case "enum":
            return _parse_choice(name, rest), rest[1:]
        case "ref":
            return _parse_reference(name, rest), rest[1:]
        case _:
            # The types left over take no arguments, so their classes have no attributes.
            return types.WORDS.get(keyword) or _TYPES[keyword](), rest


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


def _parse_reference(name: str, rest: Sequence[str]) -> types.Ref:
    table, dot, column = (rest[0] if rest else "").partition(".")
    if not table or (dot and not column):
        raise Misuse(
            f'the field "{name}" does not say which table it refers to.',
            f"For example {name}:ref:portfolios, or {name}:ref:portfolios.name.",
        )
    return types.Ref(table, column or types.KEY)


def _number(name: str, written: str, what: str, smallest: int, largest: int) -> int:
    is_number = re.fullmatch(r"[0-9]+", written) and len(written) <= len(str(largest))
    if not is_number or not smallest <= int(written) <= largest:
        raise Misuse(
            f'the {what} of the field "{name}" cannot be {written}.',
            f"It has to be between {smallest} and {largest}.",
        )
    return int(written)
