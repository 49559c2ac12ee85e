"""The constraints and indexes of a table, by the names that the convention gives them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from backend.core.models import NAMING_CONVENTION, referring_columns
from jedgebot.errors import Misuse
from jedgebot.spec.table import OWNER_COLUMN, FieldSpec, TableSpec
from jedgebot.spec.types import KEY, Choice, OnDelete, Ref

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
        field: the field that asks for it; None where every table has it, or where `unique` or
            `indexes` of the table do.
        referred: the columns that a foreign key refers to, in the order of its own.
        on_delete: what a foreign key does when the other row is deleted.
        is_own: whether it refers to its own table.
    """

    kind: Kind
    name: str
    columns: tuple[str, ...]
    refers_to: str | None = None
    field: FieldSpec | None = None
    referred: tuple[str, ...] = ()
    on_delete: OnDelete = "restrict"
    is_own: bool = False

    @property
    def action(self) -> str:
        """What a foreign key says after ON DELETE.

        Rows that refer to each other may go in one statement, as when their owner is deleted:
        SQLite carries RESTRICT out row by row, and NO ACTION when the statement ends.
        """
        if self.is_own and self.on_delete == "restrict":
            return "NO ACTION"
        return {"setnull": "SET NULL"}.get(self.on_delete, self.on_delete.upper())


def constraints_of(spec: TableSpec) -> list[Constraint]:
    """Everything that the database keeps of a table beside its columns.

    Args:
        spec: with its references resolved.
    """
    owner = spec.owner_columns
    found = [_constraint("pk", spec, (*owner, KEY))]
    if owner and not spec.database:  # the users are in the main database
        found.append(_foreign_key(spec, owner, "users", (KEY,), on_delete="cascade"))
    found += [_constraint("uq", spec, (*owner, *columns)) for columns in spec.unique]
    found += [_constraint("ix", spec, (*owner, *columns)) for columns in spec.indexes]
    for field in spec.fields:
        own = (*owner, field.column)
        if field.unique:
            found.append(_constraint("uq", spec, own, field))
        if isinstance(field.type, Choice):
            found.append(_constraint("ck", spec, (field.column,), field))
        if isinstance(field.type, Ref):
            found += _of_reference(spec, field, field.type)
        elif field.index:
            found.append(_constraint("ix", spec, own, field))
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


def _of_reference(spec: TableSpec, field: FieldSpec, ref: Ref) -> Iterator[Constraint]:
    # The database looks for the rows that refer to one that is deleted: by these columns.
    leading = (OWNER_COLUMN,) if ref.owned else ()
    columns, referred = (*leading, field.column), (*leading, ref.column)
    if not ref.soft:
        yield _foreign_key(spec, columns, ref.table, referred, field, ref.on_delete)
    led = [(*spec.owner_columns, *others) for others in (*spec.unique, *spec.indexes)]
    if field.unique:
        led.append((*spec.owner_columns, field.column))
    if not any(others[: len(columns)] == columns for others in led):
        yield _constraint("ix", spec, columns, field)


def _foreign_key(  # noqa: PLR0917 - what a foreign key consists of
    spec: TableSpec,
    columns: tuple[str, ...],
    table: str,
    referred: tuple[str, ...],
    field: FieldSpec | None = None,
    on_delete: OnDelete = "restrict",
) -> Constraint:
    name = _name("fk", spec, columns, table)
    is_own = table == spec.name
    return Constraint("fk", name, columns, table, field, referred, on_delete, is_own)


def _constraint(
    kind: Kind, spec: TableSpec, columns: tuple[str, ...], field: FieldSpec | None = None
) -> Constraint:
    return Constraint(kind, _name(kind, spec, columns), columns, field=field)


def _name(kind: Kind, spec: TableSpec, columns: tuple[str, ...], refers_to: str = "") -> str:
    convention: str = NAMING_CONVENTION[kind]
    return convention % {
        "table_name": spec.name,
        "referring_columns": referring_columns(columns),
        "column_0_N_name": "_".join(columns),
        "constraint_name": columns[0],
        "referred_table_name": refers_to,
    }
