"""What a table is to be, as frozen data."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from jedgebot.spec import words
from jedgebot.spec.types import FieldType, Ref
from jedgebot.spec.values import Value

OWNER_COLUMN = "user_id"
"""The column of an owned row that names its owner."""

Access = Literal["", "readonly", "writeonce", "hidden"]
"""What a client may do with a field: everything; read it; write it when it makes the row, and
read it; write it, and never read it."""


@dataclass(frozen=True)
class FieldSpec:
    """One field of a table.

    Attributes:
        default: what an absent field becomes; None if it has to be there or may be null.
        minimum: the least value, or the least length of a text; None for that of the type.
        maximum: the greatest value, or the greatest length of a text.
        filter: whether the list can be filtered by it although no index begins with it.
        sort: whether the list can be sorted by it although no index begins with it.
        search: whether `?search=` looks into it.
    """

    name: str
    type: FieldType
    nullable: bool = False
    unique: bool = False
    index: bool = False
    default: Value | None = None
    minimum: Value | None = None
    maximum: Value | None = None
    access: Access = ""
    filter: bool = False
    sort: bool = False
    search: bool = False

    @property
    def column(self) -> str:
        """The column's name, which is also that of the attribute and on the wire."""
        return self.type.column_of(self.name) if isinstance(self.type, Ref) else self.name

    @property
    def required(self) -> bool:
        """Whether a new row has to name it."""
        return not self.nullable and self.default is None

    @property
    def limits(self) -> tuple[Value | None, Value | None]:
        """The narrower of the field's own limits and those of its type."""
        low, high = self.type.bounds
        return (
            low if self.minimum is None else self.minimum,
            high if self.maximum is None else self.maximum,
        )


@dataclass(frozen=True)
class TableSpec:
    """A table, whose rows each belong to one user unless it is shared.

    Attributes:
        name: of the table, its folder and its path: plural, in snake_case.
        singular: what one row is called, in snake_case.
        owner: whom a row belongs to: `users`; or `portfolio.user`, the user of the row that the
            field `portfolio` refers to; or empty, and every user reads and writes every row.
        unique: columns that no two rows of one owner have alike, beside those of single fields.
        indexes: columns that share an index, beside those of single fields.
        versioned: whether rows have a version, and so an ETag and `If-Match`.
        database: the database of its own that it lives in; empty for the main one.
        why: what the table is for, in the words of who adds it.
        later: fields that may come, each with its reason.
    """

    name: str
    singular: str
    fields: tuple[FieldSpec, ...]
    owner: str = "users"
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    versioned: bool = True
    database: str = ""
    why: str = field(default="", compare=False)
    later: tuple[str, ...] = field(default=(), compare=False)

    @property
    def class_name(self) -> str:
        """The name of the model's class."""
        return words.camel_case(self.singular)

    @property
    def is_shared(self) -> bool:
        """Whether its rows belong to nobody."""
        return not self.owner

    @property
    def owner_columns(self) -> tuple[str, ...]:
        """The column that its keys, indexes and references lead with; none if it is shared."""
        return () if self.is_shared else (OWNER_COLUMN,)

    def is_indexed(self, column: str) -> bool:
        """Whether an index finds rows by a column: it begins with it, after the owner."""
        return any(
            one.column == column and (one.unique or one.index or isinstance(one.type, Ref))
            for one in self.fields
        ) or any(columns[0] == column for columns in (*self.unique, *self.indexes))

    @property
    def refs(self) -> Iterator[tuple[FieldSpec, Ref]]:
        """The fields that name a row of another table."""
        for one in self.fields:
            if isinstance(one.type, Ref):
                yield one, one.type

    def is_own(self, field: FieldSpec) -> bool:
        """Whether a field names a row of this very table, as in a tree or a chain."""
        return isinstance(field.type, Ref) and field.type.table == self.name

    def same_columns_as(self, other: "TableSpec") -> bool:
        """Whether the other describes the same table, in whatever order."""
        return _described(self) == _described(other)


def _described(spec: TableSpec) -> tuple[object, ...]:
    return (
        spec.name,
        spec.singular,
        frozenset(spec.fields),
        spec.is_shared,
        frozenset(spec.unique),
        frozenset(spec.indexes),
        spec.versioned,
        spec.database,
    )
