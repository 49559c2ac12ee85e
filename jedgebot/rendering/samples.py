"""Values of fields on the wire: those that a field takes, and those that it does not."""

from collections.abc import Iterator
from dataclasses import replace

from pydantic import JsonValue

from jedgebot.rendering.code import Code, code, literal_of, quoted
from jedgebot.rendering.kinds import kind_of, limits_of
from jedgebot.rendering.series import series_of
from jedgebot.rendering.units import units_of
from jedgebot.spec import types
from jedgebot.spec.table import FieldSpec
from jedgebot.spec.values import narrowed

_WRONG: dict[type[types.FieldType], tuple[str, ...]] = {
    types.Str: ("7",),
    types.LongText: ("7",),
    types.Int: ('"7"',),
    types.BigInt: ('"7"',),
    types.Bool: ('"yes"',),
    types.Day: ('"2026-02-30"',),
    types.Instant: ('"2026-01-02T03:04:05"',),
    types.Time: ('"09:30:00Z"',),
    types.Uuid: ('"no uuid"',),
    types.Choice: ('"no such word"',),
    types.Bytes: ('"no base64"',),
    types.Email: ('"nobody"',),
    types.Url: ('"ftp://example.com/"',),
    types.Currency: ('"eur"',),
    types.Timezone: ('"Mars/Olympus"',),
    types.Json: (),
}


def value(field: FieldSpec, number: int = 1) -> JsonValue:
    """A valid value; those of two numbers differ where the type lets them."""
    held = replace(field, type=kind_of(field))
    return series_of(held, differ=field.unique).wire(number)


def refused(field: FieldSpec) -> list[Code]:
    """Values that a field does not take: null, the wrong type, just outside the limits."""
    values = [] if field.nullable else [code("None")]
    kind = kind_of(field)
    if isinstance(kind, types.ExactDecimal):
        values += [code("1.5"), code(quoted(f"0.{'0' * kind.scale}1"))]
    else:
        values += [code(text) for text in _WRONG[type(kind)]]
    return [*values, *_outside(field)]


def _outside(field: FieldSpec) -> Iterator[Code]:
    """The values next to the limits that are not valid any more."""
    kind = kind_of(field)
    low, high = limits_of(field)
    match kind:
        case types.Str() | types.LongText():
            for length in _lengths_outside(narrowed(low, int), narrowed(high, int)):
                yield literal_of("x" * length)
        case types.Bytes():
            for length in _lengths_outside(narrowed(low, int), narrowed(high, int)):
                yield code(f"b64encode(bytes({length:_})).decode()", ("base64", "b64encode"))
    units = units_of(kind)
    if units is None:
        return
    least, greatest = units.ends
    below = (least if low is None else units.count(low)) - 1
    above = (greatest if high is None else units.count(high)) + 1
    for count in (below, above):
        if units.is_open or least <= count <= greatest:
            yield literal_of(units.wire(units.value(count)))


def _lengths_outside(low: int, high: int) -> tuple[int, ...]:
    return (low - 1, high + 1) if low > 0 else (high + 1,)
