"""From a module's code back to its `TableSpec`: the model is the source of truth."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Enum,
    ForeignKeyConstraint,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.types import TypeEngine

from backend.core.types import ExactDecimal, UTCDateTime
from jedgebot.spec import types
from jedgebot.spec.table import FieldSpec, TableSpec
from jedgebot.spec.values import Value

AnyColumn = Column[Any]  # whatever Python type it holds

OWNED_KEY = ("user_id", "id")
_EVERY_TABLE = frozenset({"user_id", "id", "created_at", "updated_at", "version"})
# The first that fits decides: Text is a String, BigInteger an Integer.
_PLAIN: tuple[tuple[type[TypeEngine[Any]], types.FieldType], ...] = (
    (Text, types.LongText()),
    (BigInteger, types.BigInt()),
    (Integer, types.Int()),
    (Boolean, types.Bool()),
    (Date, types.Day()),
    (UTCDateTime, types.Instant()),
    (Uuid, types.Uuid()),
    (JSON, types.Json()),
)


class NotReadable(ValueError):
    """A table has something that the field grammar has no words for."""


def is_owned(table: Table) -> bool:
    """Whether the table's rows each live with one user."""
    return tuple(column.name for column in table.primary_key) == OWNED_KEY


def read_table(singular: str, table: Table, schema: type[BaseModel] | None) -> TableSpec:
    """Describe a table as the field grammar would.

    Args:
        singular: what one row is called.
        table: its table.
        schema: of the body that creates a row; it alone knows limits.

    Raises:
        NotReadable: the grammar has no words for it.
    """
    fields = tuple(
        _field(column, schema) for column in table.columns if column.name not in _EVERY_TABLE
    )
    return TableSpec(table.name, singular, fields)


def _field(column: AnyColumn, schema: type[BaseModel] | None) -> FieldSpec:
    table = column.table
    kind = _type(column)
    name = column.name.removesuffix("_id") if isinstance(kind, types.Ref) else column.name
    info = schema.model_fields.get(column.name) if schema is not None else None
    low, high = _limits(kind, info)
    own = ("user_id", column.name)
    return FieldSpec(
        name,
        kind,
        nullable=bool(column.nullable),
        unique=any(
            _columns(constraint) in (own, (column.name,))
            for constraint in table.constraints
            if isinstance(constraint, UniqueConstraint)
        ),
        index=not isinstance(kind, types.Ref)
        and any(tuple(index.columns.keys()) in (own, (column.name,)) for index in table.indexes),
        default=_default(column),
        minimum=low,
        maximum=high,
    )


def _columns(constraint: UniqueConstraint | ForeignKeyConstraint) -> tuple[str, ...]:
    return tuple(column.name for column in constraint.columns)


def _type(column: AnyColumn) -> types.FieldType:
    for constraint in column.table.foreign_key_constraints:
        if column.name in _columns(constraint):
            owned = len(constraint.columns) > 1
            return types.Ref(constraint.referred_table.name, owned=owned)
    match column.type:
        case Enum(enums=words):
            return types.Choice(tuple(words))
        case ExactDecimal(precision=precision, scale=scale):
            return types.ExactDecimal(precision, scale)
    for kind, described in _PLAIN:
        if isinstance(column.type, kind):
            return described
    if isinstance(column.type, String) and column.type.length is not None:
        return types.Str(column.type.length)
    raise NotReadable(f"The column {column} has the type {column.type!r}.")


def _default(column: AnyColumn) -> Value | None:
    default = column.default
    if default is None:
        return None
    if not default.is_scalar:
        raise NotReadable(f"The column {column} has a computed default.")
    value: Value | None = getattr(default, "arg", None)
    return value


def _limits(kind: types.FieldType, info: FieldInfo | None) -> tuple[Value | None, Value | None]:
    """The limits that are narrower than the type's own."""
    if info is None:
        return None, None
    lows: list[Any] = []  # values of the field's one type, or lengths
    highs: list[Any] = []
    for mark in _marks(info.annotation, info.metadata):
        match mark:
            case Ge(ge=low) | MinLen(min_length=low):
                lows.append(low)
            case Le(le=high) | MaxLen(max_length=high):
                highs.append(high)
    own_low, own_high = kind.bounds
    has_length = isinstance(kind, types.Str | types.LongText)
    lowest = max(lows, default=0 if has_length else None)
    highest = min(highs, default=None)
    return (
        None if lowest == own_low else lowest,
        None if highest == own_high else highest,
    )


def _marks(annotation: object, metadata: Iterable[object] = ()) -> Iterator[object]:
    """What `Annotated` says of a type, at any depth of a union."""
    for mark in metadata:
        if isinstance(mark, FieldInfo):
            yield from mark.metadata
        else:
            yield mark
    arguments = get_args(annotation)
    if get_origin(annotation) is Annotated:
        yield from _marks(arguments[0], arguments[1:])
    else:
        for argument in arguments:
            yield from _marks(argument)
