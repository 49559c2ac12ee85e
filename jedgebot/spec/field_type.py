"""What every type of the field grammar can be asked."""

from dataclasses import dataclass
from typing import ClassVar

from jedgebot.spec.values import Value, ValueRefused

INDEXED_LENGTH_MAX = 600
"""Characters of four bytes each: a PostgreSQL index entry holds 2,700 bytes."""
INDEX_BYTES_MAX = 4 * INDEXED_LENGTH_MAX
"""How many bytes the columns of one index may hold together, beside the owner."""
_FIXED_BYTES = 16

Bounds = tuple[Value | None, Value | None]


@dataclass(frozen=True)
class FieldType:
    """A type in the field grammar.

    Attributes:
        keyword: how the grammar calls it.
        example: the type with its arguments, as help texts show it.
        filterable: whether a list can be filtered by it.
        ordered: whether a list can be sorted by it.
        searchable: whether `?search=` can look into it.
    """

    keyword: ClassVar[str]
    example: ClassVar[str]
    filterable: ClassVar[bool] = True
    ordered: ClassVar[bool] = False
    searchable: ClassVar[bool] = False

    @property
    def written(self) -> str:
        """The type as the grammar writes it."""
        return self.keyword

    @property
    def index_bytes(self) -> int | None:
        """How many bytes a value has in an index at most; None if none holds every value."""
        return _FIXED_BYTES

    @property
    def indexable(self) -> bool:
        """Whether an index holds every value of the type."""
        return self.index_bytes is not None and self.index_bytes <= INDEX_BYTES_MAX

    @property
    def sortable(self) -> bool:
        """Whether a list can be sorted by it, whose cursors hold a value of it."""
        return self.ordered and self.indexable

    @property
    def bounds(self) -> Bounds:
        """The limits that the type itself sets."""
        return None, None

    def value(self, text: str) -> Value:
        """Read a default.

        Raises:
            ValueRefused: the text is no value of this type.
        """
        raise ValueRefused(f"the type {self.keyword} takes no default")

    def limit(self, text: str) -> Value:
        """Read a `min` or `max`.

        Raises:
            ValueRefused: the text is no limit of this type.
        """
        raise ValueRefused(f"the type {self.keyword} takes no min and no max")

    def measure(self, value: Value) -> Value:
        """What of a value the limits are compared with."""
        return value
