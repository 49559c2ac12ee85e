"""The type of a field that names a row of another table."""

from dataclasses import dataclass, field
from typing import Literal

from jedgebot.spec.field_type import FieldType
from jedgebot.spec.value_types import Uuid

OnDelete = Literal["restrict", "cascade", "setnull"]

KEY = "id"
"""The column that a reference names if it says nothing else."""
_ID_TYPE = Uuid()


@dataclass(frozen=True)
class Ref(FieldType):
    """A row of another table.

    Attributes:
        table: the other table.
        column: the column of it that is named.
        on_delete: when the other row is deleted: that is refused, or this row goes with it, or
            forgets it.
        soft: whether the service looks for the row, instead of a foreign key.
        owned: whether its rows belong to users, so that it is known by `user_id` and `id`;
            else by `id` alone.
        holds: the type of the column that is named. The grammar does not say it; it is known
            when the reference is resolved, like `owned`.
    """

    keyword = "ref"
    example = "ref:portfolios"
    table: str
    column: str = KEY
    on_delete: OnDelete = "restrict"
    soft: bool = False
    owned: bool = True
    holds: FieldType = field(default=_ID_TYPE, compare=False)

    @property
    def written(self) -> str:
        """The keyword and the table, and the column unless it is the id."""
        return f"ref:{self.table}" if self.column == KEY else f"ref:{self.table}.{self.column}"

    @property
    def index_bytes(self) -> int | None:
        """Those of what it holds."""
        return self.holds.index_bytes

    def column_of(self, name: str) -> str:
        """The column of a field that is called so: portfolio, portfolio_id."""
        ending = f"_{self.column}"
        has_ending = name == self.column != KEY or name.endswith(ending)
        return name if has_ending else f"{name}{ending}"

    def field_of(self, column: str) -> str:
        """The name of the field whose column is called so, or that is called as its column."""
        ending = f"_{self.column}"
        while column.endswith(ending):
            column = column.removesuffix(ending)
        return column
