"""`schemas.py`: bodies of requests and responses."""

from dataclasses import dataclass

from jedgebot.rendering.code import Code, call, code, joined, literal
from jedgebot.rendering.ladders import default_of
from jedgebot.rendering.naming import Aliases
from jedgebot.rendering.templates import render
from jedgebot.spec import types, words
from jedgebot.spec.table import FieldSpec, TableSpec
from jedgebot.spec.values import Value

_CORE = "backend.core.schemas"
_FIELD = code("Field", ("pydantic", "Field"))
_UUID = code("UUID", ("uuid", "UUID"))
_INSTANT = code("Instant", (_CORE, "Instant"))
_JSON = code("JSONContent", (_CORE, "JSONContent"))
_PLAIN = {
    types.Int: (code("Int32", (_CORE, "Int32")), code("int")),
    types.BigInt: (code("Int64", (_CORE, "Int64")), code("int")),
    types.Bool: (code("StrictBool", ("pydantic", "StrictBool")), code("bool")),
    types.Day: (code("CalendarDay", (_CORE, "CalendarDay")), code("date", ("datetime", "date"))),
    types.Instant: (_INSTANT, _INSTANT),
    types.Json: (_JSON, _JSON),
    types.Uuid: (_UUID, _UUID),
    types.Ref: (_UUID, _UUID),
}
"""The types in requests and in responses, of fields without limits."""


@dataclass(frozen=True)
class _Typed:
    """A field's types.

    Attributes:
        request: in requests.
        response: in responses, which have no limits: stored rows may be older than these.
        alias: the definition of `request`, where it needs a name.
    """

    request: Code
    response: Code
    alias: Code | None = None


def render_schemas(spec: TableSpec, aliases: Aliases) -> str:
    """The text of `schemas.py`."""
    typed = [(field, _typed(spec, field, aliases)) for field in spec.fields]
    definitions = [kind.alias for _, kind in typed if kind.alias is not None]
    create = [_create_line(field, kind) for field, kind in typed]
    change = [_change_line(field, kind) for field, kind in typed]
    read = [_read_line(field, kind) for field, kind in typed]
    used = joined([*definitions, *create, *change, *read])
    row = words.spaced(spec.singular)
    return render(
        "schemas.py.jinja",
        imports=used.imports | {(_CORE, "RequestSchema"), (_CORE, "VersionedRead")},
        spec=spec,
        rows=words.spaced(spec.name),
        row=row,
        a_row=words.with_article(row),
        definitions=definitions,
        create=create,
        change=change,
        read=read,
    )


def _create_line(field: FieldSpec, kind: _Typed) -> Code:
    line = _annotated_name(field, kind.request)
    if field.required:
        return line
    return joined([line, default_of(field)], " = ")


def _change_line(field: FieldSpec, kind: _Typed) -> Code:
    nullable = " | None" if field.nullable else ""
    return Code(
        f"{field.column}: {kind.request} | MISSING{nullable} = MISSING",
        kind.request.imports | {("pydantic", "MISSING")},
    )


def _read_line(field: FieldSpec, kind: _Typed) -> Code:
    return _annotated_name(field, kind.response)


def _annotated_name(field: FieldSpec, kind: Code) -> Code:
    nullable = " | None" if field.nullable else ""
    return Code(f"{field.column}: {kind}{nullable}", kind.imports)


def _typed(spec: TableSpec, field: FieldSpec, aliases: Aliases) -> _Typed:
    match field.type:
        case types.Choice():
            alias = aliases.choices[field.column]
            choice = code(alias, (f"backend.{spec.name}.models", alias))
            return _Typed(choice, choice)
        case types.Str() | types.LongText():
            return _aliased(field, aliases, code("str"), code("str"), _length_limits(field))
        case types.ExactDecimal(precision=precision, scale=scale):
            exact = code(f"Exact({precision}, {scale})", (_CORE, "Exact"))
            parts = [code("Decimal", ("decimal", "Decimal")), exact]
            limits = _value_limits(field)
            if limits:
                return _aliased(field, aliases, joined(parts), _annotated(*parts), limits)
            name = code(aliases.constrained[field.column])
            return _Typed(name, name, _definition(name, _annotated(*parts)))
    request, response = _PLAIN[type(field.type)]
    return _aliased(field, aliases, request, response, _value_limits(field))


def _aliased(
    field: FieldSpec, aliases: Aliases, request: Code, response: Code, limits: list[Code]
) -> _Typed:
    if not limits:
        return _Typed(request, response)
    name = code(aliases.constrained[field.column])
    return _Typed(name, response, _definition(name, _annotated(request, call(_FIELD, *limits))))


def _annotated(*parts: Code) -> Code:
    inner = joined(parts)
    return Code(f"Annotated[{inner}]", inner.imports | {("typing", "Annotated")})


def _definition(name: Code, kind: Code) -> Code:
    return joined([name, kind], " = ")


def _length_limits(field: FieldSpec) -> list[Code]:
    low, high = field.limits
    limits = [code(f"min_length={low}")] if low else []
    if isinstance(field.type, types.LongText) and field.maximum is None:
        return [*limits, code("max_length=TEXT_MAX", (_CORE, "TEXT_MAX"))]
    return [*limits, code(f"max_length={high}")]


def _value_limits(field: FieldSpec) -> list[Code]:
    limits: list[tuple[str, Value | None]] = [("ge", field.minimum), ("le", field.maximum)]
    return [
        Code(f"{name}={literal(limit)}", literal(limit).imports)
        for name, limit in limits
        if limit is not None
    ]
