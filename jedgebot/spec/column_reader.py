"""What a module's model knows of a column: its type, its reference, its default."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Enum,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    Time,
    Uuid,
    inspect,
)
from sqlalchemy.types import TypeEngine

from backend.core.models import AnyRecord, Owned
from backend.core.types import ExactDecimal, UTCDateTime
from jedgebot.spec import types
from jedgebot.spec.schema_reader import text_kind
from jedgebot.spec.table import OWNER_COLUMN
from jedgebot.spec.values import Value, ValueRefused, written

AnyColumn = Column[Any]  # whatever Python type it holds

# The first that fits decides: Text is a String, BigInteger an Integer.
_PLAIN: tuple[tuple[type[TypeEngine[Any]], types.FieldType], ...] = (
    (Text, types.LongText()),
    (BigInteger, types.BigInt()),
    (Integer, types.Int()),
    (Boolean, types.Bool()),
    (Date, types.Day()),
    (UTCDateTime, types.Instant()),
    (Time, types.Time()),
    (Uuid, types.Uuid()),
    (JSON, types.Json()),
    (LargeBinary, types.Bytes()),
)
_ON_DELETE: dict[str | None, types.OnDelete] = {
    "RESTRICT": "restrict",
    "CASCADE": "cascade",
    "SET NULL": "setnull",
}


class NotReadable(ValueError):
    """A column has something that the field grammar has no words for; the message says what."""


def type_of(
    column: AnyColumn, marks: Iterable[object], soft: type[AnyRecord] | None
) -> types.FieldType:
    """The type of a column.

    Args:
        column: of the model.
        marks: what a request says of it.
        soft: the model of the rows that the services look for; None if they look for none.

    Raises:
        NotReadable: the grammar has no word for it.
    """
    holds = _held(column, marks)
    if soft is not None:
        table = inspect(soft).local_table
        return types.Ref(str(table.key), soft=True, owned=issubclass(soft, Owned), holds=holds)
    for constraint in column.table.foreign_key_constraints:
        if column.name in constraint.column_keys and column.name != OWNER_COLUMN:
            return _reference(column, constraint, holds)
    return holds


def default_of(column: AnyColumn, kind: types.FieldType) -> Value | None:
    """What a new row has if it does not say otherwise.

    Raises:
        NotReadable: the grammar has no word for it.
    """
    default = column.default
    if column.server_default is not None or (default is not None and not default.is_scalar):
        raise NotReadable("its default is computed")
    value: Value | None = getattr(default, "arg", None)
    if value is None:
        return None
    try:
        return kind.value(written(value))
    except ValueRefused as refusal:
        raise NotReadable(f"its default is {value}, and {refusal}") from refusal


def is_owned(table: Table) -> bool:
    """Whether the table's rows each live with one user."""
    return _key(table) == (OWNER_COLUMN, types.KEY)


def is_shared(table: Table) -> bool:
    """Whether the table's rows belong to nobody."""
    return _key(table) == (types.KEY,) and OWNER_COLUMN not in table.columns


def _key(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.primary_key)


def _held(column: AnyColumn, marks: Iterable[object]) -> types.FieldType:
    match column.type:
        case Enum(enums=words):
            return types.Choice(tuple(words))
        case ExactDecimal(precision=precision, scale=scale):
            return types.ExactDecimal(precision, scale)
    for kind, described in _PLAIN:
        if isinstance(column.type, kind):
            return described
    if isinstance(column.type, String) and column.type.length is not None:
        return text_kind(marks, column.type.length) or types.Str(column.type.length)
    raise NotReadable(f"the grammar has no type for {column.type!r}")


def _reference(
    column: AnyColumn, constraint: ForeignKeyConstraint, holds: types.FieldType
) -> types.Ref:
    columns = tuple(constraint.column_keys)
    owned = columns == (OWNER_COLUMN, column.name)
    on_delete = _ON_DELETE.get(constraint.ondelete)
    if constraint.ondelete == "NO ACTION" and constraint.referred_table is column.table:
        on_delete = "restrict"
    if not owned and columns != (column.name,):
        raise NotReadable(f"it refers to other rows together with {', '.join(columns)}")
    if on_delete is None:
        raise NotReadable("its foreign key does not say what happens when the other row is deleted")
    referred = constraint.elements[-1].column
    return types.Ref(referred.table.name, referred.name, on_delete, owned=owned, holds=holds)
