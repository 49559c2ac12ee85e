"""What references need to know of the tables they name, and the order in which tables are added."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter

from jedgebot.errors import Misuse
from jedgebot.spec.building import USERS, check_indexes
from jedgebot.spec.suggestions import nearest_or_all
from jedgebot.spec.table import FieldSpec, TableSpec
from jedgebot.spec.types import KEY, FieldType, Ref


@dataclass(frozen=True)
class Parent:
    """What others need to know of a table to refer to it.

    Attributes:
        is_owned: whether its rows belong to users, so that they are known by `user_id` and `id`.
        database: the one that it lives in; empty for the main one.
        named: the types of the columns, beside the id, by which a row can be named: unique and
            not null, and sent by whoever makes the row.
    """

    is_owned: bool
    database: str = ""
    named: Mapping[str, FieldType] = field(default_factory=dict)


def parent_of(spec: TableSpec) -> Parent:
    """A table as others may refer to it."""
    named = {
        one.column: one.type
        for one in spec.fields
        if one.unique
        and not one.nullable
        and one.access in {"", "writeonce"}
        and not isinstance(one.type, Ref)
    }
    return Parent(not spec.is_shared, spec.database, named)


def resolved(
    specs: Sequence[TableSpec],
    find: Callable[[str], Parent | None],
    names: Callable[[], Iterable[str]],
) -> list[TableSpec]:
    """New tables with what their references need to know, each behind those it refers to.

    Args:
        specs: the new tables, in any order; they may refer to each other.
        find: a table of the project as others may refer to it; None if there is none.
        names: of all tables of the project that others may refer to.

    Raises:
        Misuse: a reference cannot be.
    """
    new = {spec.name: parent_of(spec) for spec in specs}

    def parent(table: str) -> Parent | None:
        return new[table] if table in new else find(table)

    found = []
    for spec in in_order(specs):
        fields = []
        for one in spec.fields:
            if isinstance(one.type, Ref):
                target = parent(one.type.table)
                if target is None:
                    known = sorted({*names(), *new} - {spec.name})
                    raise _no_table(one, one.type, known)
                fields.append(_resolved(spec, one, one.type, target))
            else:
                fields.append(one)
        complete = replace(spec, fields=tuple(fields))
        check_indexes(complete)
        _check_owner(complete)
        found.append(complete)
    return found


def in_order(specs: Sequence[TableSpec]) -> list[TableSpec]:
    """Tables, each behind those of them that it refers to.

    Raises:
        Misuse: they refer to each other in a circle.
    """
    by_name = {spec.name: spec for spec in specs}
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for spec in specs:
        others = by_name.keys() - {spec.name}
        sorter.add(spec.name, *(ref.table for _, ref in spec.refs if ref.table in others))
    try:
        return [by_name[name] for name in sorter.static_order()]
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        raise Misuse(
            f"the tables refer to each other in a circle: {' to '.join(circle)}.",
            "Leave one reference out, and add it by hand: column, constraint and migration.",
        ) from None


def _no_table(one: FieldSpec, ref: Ref, known: Sequence[str]) -> Misuse:
    return Misuse(
        f'the field "{one.name}" refers to the table "{ref.table}", which does not exist.',
        nearest_or_all(ref.table, known, "There are"),
    )


def _resolved(spec: TableSpec, one: FieldSpec, ref: Ref, parent: Parent) -> FieldSpec:
    what = f'the field "{one.name}" cannot refer to "{ref.table}"'
    if spec.is_own(one) and not one.nullable:
        raise Misuse(
            f"{what}, its own table, without null: the first row has none to refer to.",
            f"Add the flag null: {one.name}:{ref.written}:null.",
        )
    if spec.is_shared and parent.is_owned:
        raise Misuse(
            f'{what}: "{spec.name}" is shared, and the rows of "{ref.table}" are each one user\'s.',
            f"Give {spec.name} an owner, or leave the field out.",
        )
    if ref.table == USERS and ref.soft:
        raise Misuse(f"{what} softly: no operation looks for other users.", "Drop the flag soft.")
    if spec.database != parent.database and not ref.soft:
        raise Misuse(
            f"{what}, which is in {_database(parent.database)}: no foreign key reaches it.",
            f"Use the same database, or the flag soft: {one.name}:{ref.written}:soft.",
        )
    if ref.on_delete == "setnull" and parent.is_owned:
        raise Misuse(
            f"{what} with setnull: it would empty user_id too, which is a part of the key.",
            "Use restrict or cascade, or a reference without foreign key, soft; to empty one "
            "column of a key is a thing of PostgreSQL alone.",
        )
    holds = ref.holds
    if ref.column != KEY:
        if ref.column not in parent.named:
            raise Misuse(
                f'{what} by "{ref.column}", which names no row of it.',
                nearest_or_all(ref.column, [KEY, *parent.named], "Rows are named by"),
            )
        holds = parent.named[ref.column]
    return replace(one, type=replace(ref, owned=parent.is_owned, holds=holds))


def _database(name: str) -> str:
    return f'the database "{name}"' if name else "the main database"


def _check_owner(spec: TableSpec) -> None:
    for one, ref in spec.refs:
        if spec.owner == f"{one.name}.user" and not ref.owned:
            raise Misuse(
                f'the owner cannot be that of the field "{one.name}": '
                f'the rows of "{ref.table}" belong to nobody.',
                "Use --owner users, or --shared.",
            )
