"""From the fields and options of a table to a `TableSpec` whose parts go together."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from jedgebot.errors import Misuse
from jedgebot.spec import names, types, words
from jedgebot.spec.coherence import DISTINCT_MIN, distinct_values
from jedgebot.spec.listing import sorted_by_index
from jedgebot.spec.prose import later_of, why_of
from jedgebot.spec.suggestions import nearest_or_all
from jedgebot.spec.table import FieldSpec, TableSpec

USERS = "users"
_OWNER = re.compile(r"(?P<field>[a-z0-9_]+)\.user")


@dataclass(frozen=True)
class TableOptions:
    """What is said of a table beside its fields.

    Attributes:
        owner: `users`, or `field.user`; empty if it was not said.
        shared: whether its rows belong to nobody.
        unique: columns, or fields, that are unique together.
        indexes: columns, or fields, that share an index.
        versioned: whether its rows have a version.
        database: the database of its own; empty for the main one.
        singular: what one row is called; empty for the obvious word.
        why: what the table is for.
        later: fields that may come, each with its reason.
    """

    owner: str = ""
    shared: bool = False
    unique: Sequence[Sequence[str]] = ()
    indexes: Sequence[Sequence[str]] = ()
    versioned: bool = True
    database: str = ""
    singular: str = ""
    why: str = ""
    later: Sequence[str] = ()


def build_table(name: str, fields: Sequence[FieldSpec], options: TableOptions) -> TableSpec:
    """Put a table together.

    Raises:
        Misuse: its parts do not go together.
    """
    names.check_table_name(name)
    if options.database:
        names.check_database_name(options.database)
    _require_distinct_columns(fields)
    spec = TableSpec(
        name,
        options.singular or words.singular(name),
        tuple(fields),
        owner=_owner(fields, options),
        unique=_in_order(fields, "unique", options.unique),
        indexes=_in_order(fields, "index", options.indexes),
        versioned=options.versioned,
        database=options.database,
        why=why_of(options.why),
        later=later_of(options.later),
    )
    check_indexes(spec)
    for columns in spec.unique:
        _check_unique_together(spec, columns)
    _require_no_needless_index(spec)
    return _without_needless_flags(spec)


def check_indexes(spec: TableSpec) -> None:
    """Let a table pass whose columns fit into the indexes that hold several of them.

    Raises:
        Misuse: some do not.
    """
    for columns in spec.unique:
        _check_together(spec, "unique", columns)
    for columns in spec.indexes:
        _check_together(spec, "index", columns)


def _require_distinct_columns(fields: Sequence[FieldSpec]) -> None:
    seen: set[str] = set()
    for field in fields:
        if field.column in seen:
            raise Misuse(f'the column "{field.column}" is there twice.', "Rename or drop one.")
        seen.add(field.column)


def _owner(fields: Sequence[FieldSpec], options: TableOptions) -> str:
    if options.shared:
        if options.owner:
            raise Misuse(
                "a table is shared or has an owner, not both.", "Drop --shared, or --owner."
            )
        return ""
    if options.owner in ("", USERS):
        return USERS
    written = _OWNER.fullmatch(options.owner)
    if written is None:
        raise Misuse(
            f'the owner "{options.owner}" is neither users nor the user of a field.',
            "Write --owner users, or --owner portfolio.user with a field portfolio:ref:portfolios.",
        )
    field = _found(fields, "--owner", written["field"])
    if not isinstance(field.type, types.Ref) or field.type.table == USERS:
        raise Misuse(
            f'the owner cannot be that of the field "{field.name}": it names no row of a user.',
            f"Make it a reference, such as {field.name}:ref:portfolios, or use --owner users.",
        )
    if field.nullable or field.type.soft:
        flag = "null" if field.nullable else "soft"
        raise Misuse(
            f'the owner cannot be that of the field "{field.name}": it is {flag}, so that a row '
            "may have none.",
            f"Drop the flag {flag}, or use --owner users.",
        )
    return f"{field.name}.user"


def _found(fields: Sequence[FieldSpec], where: str, name: str) -> FieldSpec:
    """The field that is called so, or whose column is."""
    for field in fields:
        if name in (field.name, field.column):
            return field
    raise Misuse(
        f'{where} names the field "{name}", which does not exist.',
        nearest_or_all(name, [field.name for field in fields], "The fields are"),
    )


def _in_order(
    fields: Sequence[FieldSpec], option: str, written: Sequence[Sequence[str]]
) -> tuple[tuple[str, ...], ...]:
    """The columns of each, in one order however they were written: a model does not keep that."""
    places = [field.column for field in fields]
    found = [_columns(fields, option, one) for one in written]
    return tuple(sorted(found, key=lambda columns: [places.index(column) for column in columns]))


def _columns(fields: Sequence[FieldSpec], option: str, written: Sequence[str]) -> tuple[str, ...]:
    columns = tuple(_found(fields, f"--{option}", name).column for name in written)
    if len(columns) == 1:
        raise Misuse(
            f'--{option} names "{written[0]}" alone.',
            f"Give the field the flag {option} instead, or name two or more fields.",
        )
    if not columns or len(set(columns)) < len(columns):
        raise Misuse(
            f'--{option} "{",".join(written)}" names a field twice, or none.',
            f"For example --{option} symbol,direction.",
        )
    return columns


def _fields_of(spec: TableSpec, columns: Sequence[str]) -> list[FieldSpec]:
    by_column = {field.column: field for field in spec.fields}
    return [by_column[column] for column in columns]


def _check_together(spec: TableSpec, option: str, columns: tuple[str, ...]) -> None:
    what = f"--{option} {','.join(columns)}"
    length = 0
    for field in _fields_of(spec, columns):
        if field.type.index_bytes is None:
            raise Misuse(
                f"{what} cannot be: no index holds any {field.type.written}.",
                f'Leave "{field.column}" out, or make it a str:N.',
            )
        length += field.type.index_bytes
    if length > types.INDEX_BYTES_MAX:
        raise Misuse(
            f"{what} cannot be: together they are too long for an index.",
            f"Use str:N with {types.INDEXED_LENGTH_MAX} characters in all.",
        )


def _check_unique_together(spec: TableSpec, columns: tuple[str, ...]) -> None:
    what = f"--unique {','.join(columns)}"
    count = 1
    for field in _fields_of(spec, columns):
        if field.unique:
            raise Misuse(
                f'{what} says nothing new: "{field.column}" is unique alone.',
                "Drop the option, or the flag unique of the field.",
            )
        count *= min(distinct_values(field), DISTINCT_MIN)
    if count < DISTINCT_MIN:
        raise Misuse(
            f"{what} leaves too few rows: there are only {count} different ones.",
            "Name one more field, or drop the option.",
        )
    if all(field.default is not None for field in _fields_of(spec, columns)):
        raise Misuse(
            f"{what} cannot be: every field has a default, which one row could have.",
            "Drop one of the defaults.",
        )


def _require_no_needless_index(spec: TableSpec) -> None:
    """Let a table pass none of whose indexes is the beginning of another."""
    flagged = [(field.column,) for field in spec.fields if field.unique]
    indexed = [*flagged, *spec.unique, *spec.indexes]
    for columns in spec.indexes:
        longer = [one for one in indexed if one[: len(columns)] == columns]
        if len(longer) > 1:
            raise Misuse(
                f"--index {','.join(columns)} is the beginning of another index.", "Drop it."
            )
        if columns[0] in {one for (one,) in flagged}:
            raise Misuse(
                f'--index {",".join(columns)} is of no use: "{columns[0]}" is unique.', "Drop it."
            )
    for columns in spec.unique:
        if spec.unique.count(columns) > 1:
            raise Misuse(f"--unique {','.join(columns)} is there twice.", "Drop one.")
    for field in spec.fields:
        if field.index and any(one[0] == field.column for one in (*spec.unique, *spec.indexes)):
            raise Misuse(
                f'the field "{field.name}" begins an index of several fields already.',
                "Drop the flag index.",
            )


def _without_needless_flags(spec: TableSpec) -> TableSpec:
    """The table without flags that say what an index already does."""
    fields = tuple(
        replace(
            field,
            filter=field.filter and not spec.is_indexed(field.column),
            sort=field.sort and not sorted_by_index(spec, field),
        )
        for field in spec.fields
    )
    return replace(spec, fields=fields)
