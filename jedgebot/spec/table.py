"""What a table is to be, as frozen data."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from jedgebot.spec import words
from jedgebot.spec.types import FieldType, Ref
from jedgebot.spec.values import Value


@dataclass(frozen=True)
class FieldSpec:
    """One field of a table.

    Attributes:
        default: what an absent field becomes; None if it has to be there or may be null.
        minimum: the least value, or the least length of a text; None for that of the type.
        maximum: the greatest value, or the greatest length of a text.
    """

    name: str
    type: FieldType
    nullable: bool = False
    unique: bool = False
    index: bool = False
    default: Value | None = None
    minimum: Value | None = None
    maximum: Value | None = None

    @property
    def column(self) -> str:
        """The column's name, which is also that of the attribute and on the wire."""
        if isinstance(self.type, Ref) and not self.name.endswith("_id"):
            return f"{self.name}_id"
        return self.name

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
    """A table whose rows each belong to one user.

    Attributes:
        name: of the table, its folder and its path: plural, in snake_case.
        singular: what one row is called, in snake_case.
        why: what the table is for, in the words of who adds it.
        later: fields that may come, each with its reason.
    """

    name: str
    singular: str
    fields: tuple[FieldSpec, ...]
    why: str = field(default="", compare=False)
    later: tuple[str, ...] = field(default=(), compare=False)

    @property
    def class_name(self) -> str:
        """The name of the model's class."""
        return words.camel_case(self.singular)

    @property
    def refs(self) -> Iterator[tuple[FieldSpec, Ref]]:
        """The fields that name a row of another table."""
        for one in self.fields:
            if isinstance(one.type, Ref):
                yield one, one.type

    def same_columns_as(self, other: "TableSpec") -> bool:
        """Whether the other describes the same table, in whatever order."""
        return (self.name, self.singular, frozenset(self.fields)) == (
            other.name,
            other.singular,
            frozenset(other.fields),
        )
