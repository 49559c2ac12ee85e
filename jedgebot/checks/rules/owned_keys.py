"""Rows live with their owner: keys lead with `user_id` (`docs/decisions/0003-*.md`)."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, Index, Table, UniqueConstraint

from backend.core.models import OWNER_COLUMN, OwnedRecord
from jedgebot.checks.finding import Problem, Proof, Rule, Seen
from jedgebot.checks.places import place_of_column, place_of_model
from jedgebot.checks.project import Module, Project

_USERS = "users"


def look(project: Project) -> Seen:
    """The keys of tables whose rows belong to users.

    Such a table has the primary key `(user_id, id)`, its unique constraints lead with `user_id`,
    and so do foreign keys to it, on both sides. A table of which every user has one row at most
    is not one of them: its rows may be known by the id alone.
    """
    count = 0
    for module in project.modules:
        table = module.table
        if table is None:
            continue
        if _leads_with_owner(table):
            count += 1
            yield from _own_keys(module, table)
        elif _belongs_to_users(table) and not _one_for_each_user(table):
            yield Problem(
                f"{place_of_column(module, OWNER_COLUMN)} the rows of {table.name} belong to "
                f"users, and its primary key is {_listed(_names(table.primary_key.columns))}",
                f"derive {module.model.__name__ if module.model else 'it'} from OwnedRecord",
            )
        yield from _foreign_keys(module, table)
    yield Proof(f"{count} owned tables read")


def _leads_with_owner(table: Table) -> bool:
    """Whether the table's primary key leads with the owner."""
    return _names(table.primary_key.columns)[:1] == [OWNER_COLUMN]


def _own_keys(module: Module, table: Table) -> Seen:
    if _names(table.primary_key.columns) != [OWNER_COLUMN, "id"]:
        yield Problem(
            f"{place_of_model(module)} the primary key of {table.name} is "
            f"{_listed(_names(table.primary_key.columns))}",
            f"let it be {OWNER_COLUMN} and id, as {OwnedRecord.__name__} has them",
        )
    uniques = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    indexes = [one for one in table.indexes if one.unique]
    for names in (*(_names(one.columns) for one in uniques), *map(_indexed, indexes)):
        if names[:1] != [OWNER_COLUMN]:
            yield Problem(
                f"{place_of_column(module, names[0])} what is unique in {table.name}, "
                f"{_listed(names)}, does not lead with {OWNER_COLUMN}",
                f'name it in __table_args__: UniqueConstraint("{OWNER_COLUMN}", '
                f"{', '.join(repr(name) for name in names if name != OWNER_COLUMN)})",
            )


def _foreign_keys(module: Module, table: Table) -> Seen:
    for key in _foreign(table):
        target = key.elements[0].target_fullname.partition(".")[0]
        parent = table.metadata.tables.get(target)
        if parent is None or target == _USERS or not _leads_with_owner(parent):
            continue
        pairs = [(one.parent.name, one.target_fullname) for one in key.elements]
        if (OWNER_COLUMN, f"{target}.{OWNER_COLUMN}") not in pairs:
            yield Problem(
                f"{place_of_column(module, key.elements[0].parent.name)} "
                f"{_listed([name for name, _ in pairs])} refers to {target} without its "
                f"{OWNER_COLUMN}, so that a row may stand under another user's",
                f'refer to both: ForeignKeyConstraint(["{OWNER_COLUMN}", …], '
                f'["{target}.{OWNER_COLUMN}", "{target}.id"])',
            )


def _belongs_to_users(table: Table) -> bool:
    return any(
        one.parent.name == OWNER_COLUMN and one.target_fullname == f"{_USERS}.id"
        for one in table.foreign_keys
    )


def _one_for_each_user(table: Table) -> bool:
    uniques = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    alone = [*(_names(one.columns) for one in uniques), _names(table.primary_key.columns)]
    return [OWNER_COLUMN] in [*alone, *(_indexed(one) for one in table.indexes if one.unique)]


def _foreign(table: Table) -> Sequence[ForeignKeyConstraint]:
    return sorted(table.foreign_key_constraints, key=lambda one: _names(one.columns))


def _indexed(index: Index) -> list[str]:
    """The columns of an index; an expression counts as what it is made of."""
    names = []
    for part in index.expressions:
        columns = [part] if isinstance(part, Column) else list(getattr(part, "columns", []))
        names += [column.name for column in columns if isinstance(column, Column)] or [str(part)]
    return names


def _names(columns: Iterable[Column[Any]]) -> list[str]:
    return [column.name for column in columns]


def _listed(names: Sequence[str]) -> str:
    return f"({', '.join(names)})"


CHECK = Rule("owned_keys", "Keys of owned tables lead with the owner", look)
