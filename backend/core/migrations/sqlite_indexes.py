"""Compares the indexes of SQLite by their definitions.

SQLAlchemy does not reflect an index on an expression of SQLite, nor the order of its columns, so
Alembic leaves such indexes out: a unique index on lower(name) would be missing from the very
revision that creates its table, with a warning as the only sign.
"""

from itertools import pairwise

from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import CreateIndexOp, DropIndexOp, ModifyTableOps
from alembic.runtime.plugins import Plugin
from alembic.util import PriorityDispatchResult
from sqlalchemy import Column, Connection, Index, Table, TextClause, text
from sqlalchemy.schema import CreateIndex

from backend.core.migrations.connections import live
from backend.core.migrations.sqlite_tokens import tokens

PLUGIN = "backend.sqlite_indexes"


def register() -> None:
    """Make the comparison known to Alembic, under the name `PLUGIN`."""
    Plugin(PLUGIN).add_autogenerate_comparator(
        compare_indexes, "table", "sqlite_indexes", qualifier="sqlite"
    )


def compare_indexes(
    context: AutogenContext,
    changes: ModifyTableOps,
    _schema: str | None,
    table_name: str,
    found_table: Table | None,
    table: Table | None,
) -> PriorityDispatchResult:
    """Add the operations that make a table's indexes what the model says."""
    connection = live(context.connection)
    preparer = connection.dialect.identifier_preparer
    wanted = {
        str(preparer.format_constraint(index, _alembic_quote=False)): index
        for index in (table.indexes if table is not None else ())
    }
    if found_table is not None:
        for name, statement in sorted(_statements(connection, table_name).items()):
            if name in wanted and _normalised(statement) == _normalised(
                str(CreateIndex(wanted[name]).compile(dialect=connection.dialect))
            ):
                del wanted[name]
            else:
                changes.ops.append(DropIndexOp.from_index(_index(name, statement, found_table)))
    changes.ops.extend(CreateIndexOp.from_index(wanted[name]) for name in sorted(wanted))
    return PriorityDispatchResult.CONTINUE


def _statements(connection: Connection, table: str) -> dict[str, str]:
    rows = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master"
        " WHERE type = 'index' AND tbl_name = ? COLLATE NOCASE AND sql IS NOT NULL",
        (table,),
    )
    return {row.name: row.sql for row in rows}


def _normalised(statement: str) -> list[str]:
    """The statement without what has no meaning: space, quotes around names, letter case."""
    return [
        token.name.casefold() if token.kind in ("word", "quoted") else token.text
        for token in tokens(statement)
    ]


def _index(name: str, statement: str, table: Table) -> Index:
    """The index that a statement made, so that a downgrade can make it again."""
    opening, closing, commas, depth = 0, 0, [], 0
    for token in tokens(statement):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.text == "(" and not opening:
            opening = token.place.start + 1
        elif token.text == "," and depth == 1:
            commas.append(token.place.start)
        elif token.text == ")" and not depth:
            closing = token.place.start
            break
    edges = [opening - 1, *commas, closing]
    parts = [statement[a + 1 : b].strip() for a, b in pairwise(edges)]
    where = statement[closing + 1 :].strip()
    return Index(
        name,
        *[_expression(part, table) for part in parts],
        unique=next(token for token in [*tokens(statement)][1:]).keyword == "UNIQUE",
        sqlite_where=text(where[len("WHERE") :].strip()) if where else None,
        _table=table,
    )


def _expression(part: str, table: Table) -> Column[object] | TextClause:
    names = [token.name for token in tokens(part)]
    return table.c[names[0]] if len(names) == 1 and names[0] in table.c else text(part)
