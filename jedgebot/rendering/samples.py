"""Values of fields for the generated tests: what is valid, what is not, what varies."""

from pydantic import JsonValue

from jedgebot.rendering.code import Code, code, quoted
from jedgebot.rendering.ladders import ladder_of
from jedgebot.spec import types, words
from jedgebot.spec.table import FieldSpec
from jedgebot.spec.values import narrowed

_UUID = "00000000-0000-4000-8000-00000000000{}"
_PHRASE_MAX = 30  # so that its line fits, whatever the column is called
_NUMBER_ROOM = 3  # a blank and two digits
_WRONG_TYPES: dict[type[types.FieldType], tuple[str, ...]] = {
    types.Str: ("7",),
    types.LongText: ("7",),
    types.Int: ('"7"',),
    types.BigInt: ('"7"',),
    types.Bool: ('"yes"',),
    types.Day: ('"2026-02-30"',),
    types.Instant: ('"2026-01-02T03:04:05"',),
    types.Uuid: ('"no uuid"',),
    types.Ref: ('"no uuid"',),
    types.Choice: ('"no such word"',),
    types.Json: (),
}


def value(field: FieldSpec, number: int = 1) -> JsonValue:
    """A valid value as it is on the wire; that of number 2 differs where it can."""
    ladder = ladder_of(field)
    if ladder is not None:
        return ladder.wire(number)
    first = number == 1
    match field.type:
        case types.Str() | types.LongText():
            return _text(field, words.spaced(field.column) if first else "changed", first=first)
        case types.Bool():
            return first
        case types.Json():
            return {"one": [2, None, True]} if first else ["changed"]
        case types.Choice(words=choices):
            return choices[0 if first else -1]
        case _:
            return _UUID.format(number)


def sample(field: FieldSpec, number: int = 1) -> Code:
    """A valid value as Python source writes it."""
    return wire_literal(value(field, number))


def numbered(field: FieldSpec) -> Code:
    """An expression of `number` that gives another valid value for each number."""
    ladder = ladder_of(field)
    if ladder is not None:
        return ladder.expression()
    if isinstance(field.type, types.Uuid):
        return code("str(UUID(int=number))", ("uuid", "UUID"))
    low, high = _lengths(field)
    phrase = words.spaced(field.column)[:_PHRASE_MAX].strip()
    if low <= len(phrase) + 2 and len(phrase) + _NUMBER_ROOM <= high:
        return code(f'f"{phrase} {{number}}"')
    width = max(low, min(high, _NUMBER_ROOM))
    return code(f'f"{{number:0{width}}}"' if width > 1 else "str(number)")


def refused(field: FieldSpec) -> list[Code]:
    """Values that a field does not take: null, the wrong type, just outside the limits."""
    values = [] if field.nullable else [code("None")]
    values += _of_wrong_type(field)
    ladder = ladder_of(field)
    if ladder is not None:
        values += map(wire_literal, ladder.outside())
    elif isinstance(field.type, types.Str | types.LongText):
        low, high = _lengths(field)
        lengths = (low - 1, high + 1) if low > 0 else (high + 1,)
        values += (wire_literal("x" * length) for length in lengths)
    return values


def _of_wrong_type(field: FieldSpec) -> list[Code]:
    if isinstance(field.type, types.ExactDecimal):
        return [code("1.5"), code(quoted(f"0.{'0' * field.type.scale}1"))]
    return [code(text) for text in _WRONG_TYPES[type(field.type)]]


def _lengths(field: FieldSpec) -> tuple[int, int]:
    low, high = field.limits
    return narrowed(low, int), narrowed(high, int)


def _text(field: FieldSpec, phrase: str, *, first: bool) -> str:
    low, high = _lengths(field)
    fitted = phrase[:high].strip()
    return fitted if low <= len(fitted) else ("x" if first else "y") * low


def wire_literal(value: JsonValue) -> Code:
    """A JSON value as Python source writes it."""
    match value:
        case str() if len(value) > 1 and len(set(value)) == 1:
            return code(f"{quoted(value[0])} * {len(value):_}")
        case str():
            return code(quoted(value))
        case list():
            return code(f"[{', '.join(wire_literal(item).text for item in value)}]")
        case dict():
            items = (f"{quoted(name)}: {wire_literal(item)}" for name, item in value.items())
            return code(f"{{{', '.join(items)}}}")
        case _:
            return code(repr(value))
