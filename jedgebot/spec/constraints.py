"""The constraints and indexes of a table, by the names that the convention gives them."""

from dataclasses import dataclass
from typing import Literal

from backend.core.models import NAMING_CONVENTION
from jedgebot.errors import Misuse
from jedgebot.spec.table import FieldSpec, TableSpec
from jedgebot.spec.types import Choice, Ref

NAME_BYTES_MAX = 63
"""PostgreSQL cuts longer names off, without an error."""

Kind = Literal["pk", "uq", "fk", "ck", "ix"]


@dataclass(frozen=True)
class Constraint:
    """A constraint or an index.

    Attributes:
        kind: as the naming convention calls it.
        columns: the columns it is on, in order.
        refers_to: the table that a foreign key refers to.
        field: the field that asks for it; None where every table has it.
    """

    kind: Kind
    name: str
    columns: tuple[str, ...]
    refers_to: str | None = None
    field: FieldSpec | None = None


def constraints_of(spec: TableSpec) -> list[Constraint]:
    """Everything that the database keeps of a table beside its columns."""
    found = [
        _constraint("pk", spec, ("user_id", "id")),
        _constraint("fk", spec, ("user_id",), refers_to="users"),
    ]
    for field in spec.fields:
        own = ("user_id", field.column)
        if field.unique:
            found.append(_constraint("uq", spec, own, field=field))
        if isinstance(field.type, Choice):
            found.append(_constraint("ck", spec, (field.column,), field=field))
        if isinstance(field.type, Ref):
            # The database looks for the rows that refer to one that is deleted: by these columns.
            columns = own if field.type.owned else (field.column,)
            found.append(_constraint("fk", spec, columns, field.type.table, field))
            if not (field.unique and field.type.owned):
                found.append(_constraint("ix", spec, columns, field=field))
        elif field.index:
            found.append(_constraint("ix", spec, own, field=field))
    return found


def check_constraint_names(spec: TableSpec) -> None:
    """Let a table pass whose constraints have names that PostgreSQL does not cut off.

    Raises:
        Misuse: one is too long.
    """
    for constraint in constraints_of(spec):
        if len(constraint.name) > NAME_BYTES_MAX:
            raise Misuse(
                f'the name "{constraint.name}" has more than {NAME_BYTES_MAX} characters.',
                "Shorten the name of the table or of the field.",
            )


def _constraint(
    kind: Kind,
    spec: TableSpec,
    columns: tuple[str, ...],
    refers_to: str | None = None,
    field: FieldSpec | None = None,
) -> Constraint:
    name = NAMING_CONVENTION[kind] % {
        "table_name": spec.name,
        "column_0_N_name": "_".join(columns),
        "constraint_name": columns[0],
        "referred_table_name": refers_to,
    }
    return Constraint(kind, name, columns, refers_to, field)
