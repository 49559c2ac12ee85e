"""Compares CHECK constraints by name, and writes those that stand beside a column.

Alembic's own plugin (alembic.ext.checkconstraint_byname) adds the constraint of an Enum or
Boolean a second time when it adds the column, which PostgreSQL refuses, and finds a constraint
changed for ever whose name PostgreSQL had to cut. Without it, a constraint that stands beside a
column is left out of the very revision that creates the table.
"""

from collections.abc import Iterable

from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import (
    AddConstraintOp,
    CreateTableOp,
    DropConstraintOp,
    MigrationScript,
    ModifyTableOps,
)
from alembic.runtime.migration import MigrationContext
from alembic.runtime.plugins import Plugin
from alembic.util import PriorityDispatchResult
from sqlalchemy import CheckConstraint, Column, Dialect, MetaData, Table

from backend.core.migrations.connections import live

PLUGIN = "backend.checks"


def register() -> None:
    """Make the comparison known to Alembic, under the name `PLUGIN`."""
    Plugin(PLUGIN).add_autogenerate_comparator(compare_checks, "table", "checks")


def compare_checks(
    context: AutogenContext,
    changes: ModifyTableOps,
    _schema: str | None,
    _table_name: str,
    found_table: Table | None,
    table: Table | None,
) -> PriorityDispatchResult:
    """Add the operations that make a table's CHECK constraints what the model says."""
    if found_table is None or table is None:
        return PriorityDispatchResult.CONTINUE
    dialect = live(context.connection).dialect
    found, wanted = _by_name(found_table, dialect), _by_name(table, dialect)
    changes.ops.extend(
        DropConstraintOp.from_constraint(found[name]) for name in sorted(found.keys() - wanted)
    )
    changes.ops.extend(
        AddConstraintOp.from_constraint(wanted[name])
        for name in sorted(wanted.keys() - found)
        # The operation that gives a column such a type adds its constraint too.
        if not wanted[name]._type_bound  # noqa: SLF001 - nothing public tells it
    )
    return PriorityDispatchResult.CONTINUE


def write_column_checks(
    _context: MigrationContext,
    _revision: str | Iterable[str | None] | Iterable[str],
    scripts: list[MigrationScript],
) -> None:
    """Alembic's `process_revision_directives`: write a column's CHECK as one of its table."""
    for script in scripts:
        # The last are those of the database that was compared just now.
        for operation in script.upgrade_ops_list[-1].ops:
            if isinstance(operation, CreateTableOp):
                # Of a table of its own: the models' table stays as it is.
                table = Table(operation.table_name, MetaData())
                operation.columns = [
                    *operation.columns,
                    *(
                        CheckConstraint(check.sqltext, name=check.name, table=table)
                        for column in operation.columns
                        if isinstance(column, Column)
                        for check in column.constraints
                        if isinstance(check, CheckConstraint)
                    ),
                ]


def _by_name(table: Table, dialect: Dialect) -> dict[str, CheckConstraint]:
    constraints = [*table.constraints, *(c for column in table.c for c in column.constraints)]
    named = {}
    for constraint in constraints:
        if isinstance(constraint, CheckConstraint) and constraint.name is not None:
            preparer = dialect.identifier_preparer
            name = preparer.format_constraint(constraint, _alembic_quote=False)
            if name is not None:
                named[name] = constraint
    return named
