"""`schemas.py`: bodies of requests and responses."""

import re
from dataclasses import dataclass

from jedgebot.rendering.code import Code, call, code, joined, literal
from jedgebot.rendering.kinds import kind_of, limits_of
from jedgebot.rendering.naming import Aliases
from jedgebot.rendering.templates import render
from jedgebot.rendering.units import default_of
from jedgebot.spec import types, words
from jedgebot.spec.table import FieldSpec, TableSpec
from jedgebot.spec.values import Value

_SECRET = re.compile(r"(^|_)(pas+wo?r?d|pass(phrase)?|pwd|token|secrete?)($|_)")
"""Names that the linter takes for those of secrets."""
_CORE = "backend.core.schemas"
_FIELD = code("Field", ("pydantic", "Field"))


def _of_core(name: str) -> Code:
    return code(name, (_CORE, name))


_UUID = code("UUID", ("uuid", "UUID"))
_PLAIN = {
    types.Int: (_of_core("Int32"), code("int")),
    types.BigInt: (_of_core("Int64"), code("int")),
    types.Bool: (code("StrictBool", ("pydantic", "StrictBool")), code("bool")),
    types.Day: (_of_core("CalendarDay"), code("date", ("datetime", "date"))),
    types.Instant: (_of_core("Instant"), _of_core("Instant")),
    types.Time: (_of_core("TimeOfDay"), _of_core("TimeOfDay")),
    types.Bytes: (_of_core("Base64Bytes"), _of_core("Base64Bytes")),
    types.Json: (_of_core("JSONContent"), _of_core("JSONContent")),
    types.Uuid: (_UUID, _UUID),
    types.Email: (_of_core("EmailAddress"), code("str")),
    types.Url: (_of_core("HttpURL"), code("str")),
    types.Currency: (_of_core("CurrencyCode"), code("str")),
    types.Timezone: (_of_core("TimezoneName"), code("str")),
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
    typed = {field: _typed(spec, field, aliases) for field in spec.fields}
    create = [
        _create_line(field, typed[field]) for field in spec.fields if field.access != "readonly"
    ]
    change = [
        _change_line(field, typed[field])
        for field in spec.fields
        if field.access not in ("readonly", "writeonce")
    ]
    read = [_read_line(field, typed[field]) for field in spec.fields if field.access != "hidden"]
    definitions = [
        kind.alias
        for field, kind in typed.items()
        if kind.alias is not None
        and (field.access != "readonly" or kind.response.text == kind.request.text)
    ]
    used = joined([*definitions, *create, *change, *read])
    base = "VersionedRead" if spec.versioned else "UnversionedRead"
    row = words.spaced(spec.singular)
    return render(
        "schemas.py.jinja",
        imports=used.imports | {(_CORE, "RequestSchema"), (_CORE, base)},
        spec=spec,
        base=base,
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
    with_default = joined([line, default_of(field)], " = ")
    if isinstance(field.default, str) and _SECRET.search(field.column):
        reason = "  # noqa: S105 - a default that everybody may know"
        return Code(f"{with_default}{reason}", with_default.imports)
    return with_default


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
    kind = kind_of(field)
    match kind:
        case types.Choice():
            alias = aliases.choices[field.column]
            choice = code(alias, (f"backend.{spec.name}.models", alias))
            return _Typed(choice, choice)
        case types.Str() | types.LongText():
            return _aliased(field, aliases, code("str"), code("str"), _length_limits(field))
        case types.Bytes() if field.minimum is not None or field.maximum is not None:
            name = code(aliases.constrained[field.column])
            limited = call(_of_core("Base64"), *_byte_limits(field))
            definition = _definition(name, _annotated(code("bytes"), limited))
            return _Typed(name, _of_core("Base64Bytes"), definition)
        case types.ExactDecimal(precision=precision, scale=scale):
            exact = code(f"Exact({precision}, {scale})", (_CORE, "Exact"))
            parts = [code("Decimal", ("decimal", "Decimal")), exact]
            limits = _value_limits(field)
            if limits:
                return _aliased(field, aliases, joined(parts), _annotated(*parts), limits)
            name = code(aliases.constrained[field.column])
            return _Typed(name, name, _definition(name, _annotated(*parts)))
    request, response = _PLAIN[type(kind)]
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
    low, high = limits_of(field)
    limits = [code(f"min_length={low}")] if low else []
    if isinstance(kind_of(field), types.LongText) and field.maximum is None:
        return [*limits, code("max_length=TEXT_MAX", (_CORE, "TEXT_MAX"))]
    return [*limits, code(f"max_length={high}")]


def _byte_limits(field: FieldSpec) -> list[Code]:
    limits = [("max_length", field.maximum), ("min_length", field.minimum)]
    return [code(f"{name}={limit}") for name, limit in limits if limit is not None]


def _value_limits(field: FieldSpec) -> list[Code]:
    limits: list[tuple[str, Value | None]] = [("ge", field.minimum), ("le", field.maximum)]
    return [
        Code(f"{name}={literal(limit)}", literal(limit).imports)
        for name, limit in limits
        if limit is not None
    ]
