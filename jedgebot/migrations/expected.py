"""What a revision has to create, and nothing else."""

from dataclasses import dataclass

from backend.core.idempotency import IdempotencyKey
from backend.core.models import Base
from jedgebot.spec.constraints import constraints_of
from jedgebot.spec.table import TableSpec
from jedgebot.spec.types import KEY


@dataclass(frozen=True)
class Expected:
    """A table by the names of its parts.

    Attributes:
        columns: in any order.
        constraints: primary key, foreign keys, unique constraints and checks.
    """

    table: str
    columns: frozenset[str]
    constraints: frozenset[str]
    indexes: frozenset[str]

    @classmethod
    def first_of_a_database(cls) -> "Expected":
        """What the first revision of a database beside the main one creates."""
        table = Base.metadata.tables[IdempotencyKey.__tablename__]
        return cls(
            table.name,
            frozenset(table.columns.keys()),
            frozenset({str(table.primary_key.name)}),
            frozenset(str(index.name) for index in table.indexes),
        )

    @classmethod
    def of(cls, spec: TableSpec) -> "Expected":
        """What the revision of a new table creates."""
        constraints = constraints_of(spec)
        every_table = {*spec.owner_columns, KEY, "created_at", "updated_at"}
        version = {"version"} if spec.versioned else set[str]()
        return cls(
            spec.name,
            frozenset(every_table | version | {field.column for field in spec.fields}),
            frozenset(one.name for one in constraints if one.kind != "ix"),
            frozenset(one.name for one in constraints if one.kind == "ix"),
        )
