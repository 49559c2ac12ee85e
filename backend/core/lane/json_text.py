"""Rows as JSON text that the database writes, equal to what their response schema would write."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from annotated_types import BaseMetadata, Ge, Gt, Le, Len, Lt, MaxLen, MinLen, MultipleOf
from pydantic import (
    AwareDatetime,
    BaseModel,
)
from pydantic.fields import FieldInfo
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Enum,
    Integer,
    String,
    Text,
    Time,
    Uuid,
    case,
    cast,
    func,
    literal_column,
    not_,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from backend.core.schemas import Exact, Instant, TimeOfDay
from backend.core.types import ExactDecimal, UTCDateTime

Column = InstrumentedAttribute[Any]
JSONText = ColumnElement[str]
Parts = list[JSONText | str]
"""Pieces of a text: constants, and expressions that are never null."""

NEGATIVE_DECIMAL = "jedgebot_negative_decimal"
"""SQL function of the lane's SQLite connections: `negative_decimal`."""

_BOUNDS = (Ge, Gt, Le, Len, Lt, MaxLen, MinLen, MultipleOf)
_HARMLESS_CONFIGURATION = frozenset({"from_attributes", "json_schema_extra", "title"})
_DECORATORS = (
    "computed_fields",
    "field_serializers",
    "field_validators",
    "model_serializers",
    "model_validators",
    "root_validators",
    "validators",
)
_INSTANT_MARKS: tuple[Any, ...] = get_args(Instant)[1:]
_TIME_MARKS: tuple[Any, ...] = get_args(TimeOfDay)[1:]
_MOST_JOINED = 100
"""Texts side by side: SQLite nests them, and takes no expression that is deeper than 1,000."""
_UUID_PARTS = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))


class NotExpressible(TypeError):
    """SQL cannot write the JSON of a response schema as the schema does."""


class _Joined(FunctionElement[str]):
    """Texts one after another. SQLAlchemy's `+` would look at all of them for each one more."""

    type = Text()
    inherit_cache = True


@compiles(_Joined)
def _compile_joined(joined: _Joined, compiler: SQLCompiler, **options: Any) -> str:
    return f"({' || '.join(compiler.process(text, **options) for text in joined.clauses)})"


def row_json(
    model: type[DeclarativeBase],
    schema: type[BaseModel],
    dialect: str,
    fields: tuple[str, ...] | None = None,
) -> JSONText:
    """The JSON object of a row, with the schema's fields or those of them that are named.

    Raises:
        NotExpressible: a field is computed, renamed or of a type without an expression here.
    """
    decorators = schema.__pydantic_decorators__
    if any(getattr(decorators, kind) for kind in _DECORATORS):
        raise NotExpressible(f"{schema.__name__} has validators or serializers of its own.")
    if not _HARMLESS_CONFIGURATION.issuperset(schema.model_config):
        raise NotExpressible(f"{schema.__name__} has a configuration of its own.")
    names = [name for name in schema.model_fields if fields is None or name in fields]
    parts: Parts = ["{"]
    for name in names:
        parts += [f'"{name}":', *_field_json(model, schema, name, dialect), ","]
    return _joined([*parts[:-1], "}"])


def etag_text(model: type[Any], dialect: str) -> JSONText:
    """The row's entity tag, as `backend.core.conditional.etag_of` writes it."""
    row_id: JSONText = cast(model.id, Text)
    if dialect == "postgresql":
        row_id = _text_function("replace", row_id, _constant("-"), _constant(""))
    return _joined(['"', row_id, "-", cast(model.version, Text), '"'])


def negative_decimal(stored: bytes | str) -> str:
    """A number below zero from the text that `ExactDecimal` stores on SQLite."""
    text = stored.decode() if isinstance(stored, bytes) else stored
    return f"{ExactDecimal.number_of(text):f}"


def _field_json(
    model: type[DeclarativeBase], schema: type[BaseModel], name: str, dialect: str
) -> Parts:
    field = schema.model_fields[name]
    column = getattr(model, name, None)
    is_changed = field.serialization_alias is not None or field.exclude or field.exclude_if
    if not isinstance(column, InstrumentedAttribute) or is_changed:
        raise NotExpressible(f"{schema.__name__}.{name} is no column of {model.__name__}.")
    meaning = _meaning_of(field)
    write = next((write for fits, write in _WRITERS if fits(column.type, meaning)), None)
    if write is None:
        raise NotExpressible(f"{schema.__name__}.{name} has a type that SQL writes otherwise.")
    parts = write(column, dialect)
    if not column.property.columns[0].nullable:
        return parts
    return [_text_function("coalesce", _joined(parts), _constant("null"))]


@dataclass(frozen=True)
class _Meaning:
    """What a field's annotation says: its bare type, and the marks that may change values."""

    kind: Any
    marks: tuple[Any, ...]


def _meaning_of(field: FieldInfo) -> _Meaning:
    kind, marks = _unwrapped(field.annotation, tuple(field.metadata))
    if get_origin(kind) in (Union, UnionType):
        alternatives = [one for one in get_args(kind) if one is not NoneType]
        if len(alternatives) != 1:
            return _Meaning(kind, marks)
        kind, marks = _unwrapped(alternatives[0], marks)
    return _Meaning(kind, tuple(mark for mark in marks if not _is_harmless(mark)))


def _is_harmless(mark: object) -> bool:
    """Whether a mark only bounds values; of one that is not known that cannot be said."""
    if isinstance(mark, FieldInfo):
        return all(_is_harmless(one) for one in mark.metadata)
    if isinstance(mark, BaseMetadata) and type(mark).__module__.startswith("pydantic."):
        return set(vars(mark)) <= {"pattern", "strict"}
    return isinstance(mark, _BOUNDS)


def _unwrapped(kind: Any, marks: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    if get_origin(kind) is Annotated:
        return _unwrapped(get_args(kind)[0], (*get_args(kind)[1:], *marks))
    return kind, marks


def _is_text(kind: object, meaning: _Meaning) -> bool:
    if not isinstance(kind, String) or meaning.marks:
        return False
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return False
    texts = get_args(meaning.kind) if get_origin(meaning.kind) is Literal else ()
    return meaning.kind is str or (bool(texts) and all(isinstance(text, str) for text in texts))


def _is_decimal(kind: object, meaning: _Meaning) -> bool:
    if not isinstance(kind, ExactDecimal) or meaning.kind is not Decimal:
        return False
    return meaning.marks == (Exact(kind.precision, kind.scale),)


def _is_instant(kind: object, meaning: _Meaning) -> bool:
    return (
        isinstance(kind, UTCDateTime)
        and meaning.kind is AwareDatetime
        and meaning.marks == _INSTANT_MARKS
    )


def _is_time(kind: object, meaning: _Meaning) -> bool:
    return isinstance(kind, Time) and meaning == _Meaning(time, _TIME_MARKS)


def _is_plain(column_type: type, kind: type) -> Callable[[object, _Meaning], bool]:
    def fits(found: object, meaning: _Meaning) -> bool:
        return isinstance(found, column_type) and meaning == _Meaning(kind, ())

    return fits


def _write_uuid(column: Column, dialect: str) -> Parts:
    text = cast(column, Text)
    if dialect == "postgresql":
        return ['"', text, '"']
    parts: Parts = ['"']
    for part in _UUID_PARTS:
        parts += [_text_function("substr", text, *part), "-"]
    return [*parts[:-1], '"']


def _write_text(column: Column, dialect: str) -> Parts:
    text = cast(column, Text)
    if dialect == "postgresql":
        return [cast(_text_function("to_json", text), Text)]
    return [_text_function("json_quote", text)]


def _write_as_it_is(column: Column, _dialect: str) -> Parts:
    return [cast(column, Text)]


def _write_boolean(column: Column, _dialect: str) -> Parts:
    yes, no = _constant("true"), _constant("false")
    # SQLite 3.40 may answer 0 to IS NULL in RETURNING where the column is null.
    return [case((column, yes), (not_(column), no))]


def _write_date(column: Column, _dialect: str) -> Parts:
    return ['"', cast(column, Text), '"']


def _write_time(column: Column, dialect: str) -> Parts:
    text: JSONText = cast(column, Text)
    return ['"', text if dialect == "postgresql" else _without_last_zeros(text), '"']


def _without_last_zeros(text: JSONText) -> JSONText:
    """A time as SQLite stores it, with six places, as PostgreSQL writes it."""
    for ending in "0.":
        text = _text_function("rtrim", text, _constant(ending))
    return text


def _write_instant(column: Column, dialect: str) -> Parts:
    if dialect == "postgresql":
        # The session's time zone is UTC, so the local time that this casts to is UTC.
        text: JSONText = cast(cast(column, DateTime()), Text)
    else:
        text = _without_last_zeros(cast(column, Text))
    return ['"', _text_function("replace", text, _constant(" "), _constant("T")), 'Z"']


def _write_decimal(column: Column, dialect: str) -> Parts:
    stored = cast(column, Text)
    if dialect == "postgresql":
        return ['"', stored, '"']
    leading = max(column.type.precision - column.type.scale, 1) - 1
    without_zeros = _text_function(
        "ltrim", _text_function("substr", stored, 1, leading), _constant("0")
    )
    positive = without_zeros + _text_function("substr", stored, leading + 1)
    sign = _text_function("substr", stored, 1, 1)
    negative = _text_function(NEGATIVE_DECIMAL, stored)
    return ['"', case((sign == _constant("-"), negative), else_=positive), '"']


_WRITERS: list[tuple[Callable[[object, _Meaning], bool], Callable[[Column, str], Parts]]] = [
    (_is_plain(Uuid, UUID), _write_uuid),
    (_is_text, _write_text),
    (_is_plain(Integer, int), _write_as_it_is),
    (_is_plain(Boolean, bool), _write_boolean),
    (_is_plain(Date, date), _write_date),
    (_is_time, _write_time),
    (_is_instant, _write_instant),
    (_is_decimal, _write_decimal),
]


def _constant(text: str) -> JSONText:
    """Text that stands in the statement itself: names and punctuation, nothing that was sent."""
    quoted = text.replace("'", "''")
    return literal_column(f"'{quoted}'", Text())


def _joined(parts: Parts) -> JSONText:
    """The parts one after another; constants that touch become one, which saves a function."""
    texts: list[JSONText] = []
    constant = ""
    for part in parts:
        if isinstance(part, str):
            constant += part
            continue
        texts += [_constant(constant), part] if constant else [part]
        constant = ""
    if constant:
        texts.append(_constant(constant))
    while len(texts) > _MOST_JOINED:
        starts = range(0, len(texts), _MOST_JOINED)
        texts = [_Joined(*texts[start : start + _MOST_JOINED]) for start in starts]
    return _Joined(*texts)


def _text_function(name: str, *arguments: ColumnElement[Any] | int) -> JSONText:
    inline = [literal_column(str(one)) if isinstance(one, int) else one for one in arguments]
    result: JSONText = getattr(func, name)(*inline, type_=Text())
    return result
