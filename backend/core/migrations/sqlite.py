"""What Alembic does on SQLite, in place of what its own implementation does there."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from alembic.ddl.sqlite import SQLiteImpl
from alembic.operations.batch import BatchOperationsImpl
from sqlalchemy import Column, Constraint, Index, Table, UniqueConstraint

from backend.core.migrations.errors import CannotRebuild, MigrationError
from backend.core.migrations.sqlite_changes import TableChanges
from backend.core.migrations.sqlite_rebuild import referring_tables

Operation = tuple[str, Sequence[Any], dict[str, Any]]


class SafeSQLiteImpl(SQLiteImpl):
    """SQLite with all of ALTER TABLE: natively where SQLite can, else by a safe rebuild.

    Alembic would copy a table for nearly every change of a batch, and drop what its reflection
    does not see. Here a batch (and each operation outside of one) first tries SQLite's own
    ALTER TABLE; changes that it refuses are collected and made by one `Rebuild`.
    """

    __dialect__ = "sqlite"

    # Python's sqlite3 is told to leave transactions alone: see `backend.core.engine`.
    transactional_ddl = True

    def requires_recreate_in_batch(self, batch_op: BatchOperationsImpl) -> bool:
        """Hand the whole batch to `alter_table`, and never to Alembic's copying."""
        unsupported = {
            "copy_from": batch_op.copy_from is not None,
            "table_args": bool(batch_op.table_args),
            "table_kwargs": bool(batch_op.table_kwargs),
            "reflect_args": bool(batch_op.reflect_args),
            "partial_reordering": bool(batch_op.partial_reordering),
            "schema": batch_op.schema is not None,
        }
        _refuse([name for name, given in unsupported.items() if given])
        if not self.as_sql:
            operations = list(batch_op.batch)
            batch_op.batch[:] = [("alter_table", (batch_op.table_name, operations), {})]
        return False

    def prep_table_for_batch(self, batch_impl: object, table: Table) -> None:
        """Refuse Alembic's own copying of a table, which only `recreate="always"` asks for."""
        _refuse(["recreate"])

    def alter_table(self, table: str, operations: Iterable[Operation]) -> None:
        """Make changes to one table, in their order."""
        changes = TableChanges(self, table)
        for name, arguments, options in operations:
            change: Callable[..., None] = getattr(changes, name)
            change(*arguments, **options)
        changes.finish()

    def alter_column(self, table_name: str, column_name: str, **options: Any) -> None:
        """Change a column outside of a batch."""
        self._alter(table_name, ("alter_column", (table_name, column_name), options))

    def add_column(self, table_name: str, column: Column[Any], **options: Any) -> None:
        """Add a column outside of a batch."""
        if self.as_sql:
            super().add_column(table_name, column, **options)
        else:
            self._alter(table_name, ("add_column", (table_name, column), options))

    def drop_column(self, table_name: str, column: Column[Any], **options: Any) -> None:
        """Drop a column outside of a batch."""
        if self.as_sql:
            super().drop_column(table_name, column, **options)
        else:
            self._alter(table_name, ("drop_column", (table_name, column), options))

    def add_constraint(self, const: Constraint, **_options: Any) -> None:
        """Add a constraint outside of a batch."""
        self._alter(const.table.name, ("add_constraint", (const,), {}))

    def drop_constraint(self, const: Constraint, **_options: Any) -> None:
        """Drop a constraint outside of a batch."""
        self._alter(const.table.name, ("drop_constraint", (const,), {}))

    def drop_table(self, table: Table, **options: Any) -> None:
        """Drop a table that no other one refers to, as PostgreSQL does.

        Raises:
            CannotRebuild: other tables refer to it; SQLite itself would leave them dangling.
        """
        if self.connection is not None and not self.as_sql:
            others = referring_tables(self.connection, table.name)
            if others:
                raise CannotRebuild(
                    f"Table {table.name} is referred to by {', '.join(others)}; drop these first."
                )
        super().drop_table(table, **options)

    def correct_for_autogen_constraints(
        self,
        conn_unique_constraints: set[UniqueConstraint],
        conn_indexes: Collection[Index],
        metadata_unique_constraints: set[UniqueConstraint],
        metadata_indexes: set[Index],
    ) -> None:
        """Leave the indexes to `sqlite_indexes`, which sees all of them."""
        metadata_indexes.clear()
        if isinstance(conn_indexes, set):
            conn_indexes.clear()

    def create_table_comment(self, table: Table) -> None:
        """Do nothing: SQLite keeps no comments."""

    def drop_table_comment(self, table: Table) -> None:
        """Do nothing: SQLite keeps no comments."""

    def create_column_comment(self, column: Column[Any]) -> None:
        """Do nothing: SQLite keeps no comments."""

    def _alter(self, table: str, operation: Operation) -> None:
        name, _, options = operation
        if self.as_sql and name == "alter_column" and _only_renames(options):
            super().alter_column(*operation[1], **options)
        elif self.as_sql:
            raise MigrationError(
                f"SQLite has no statement for {name} on {table}: the table is rebuilt from what "
                "the database holds, so this revision cannot be written out with --sql."
            )
        else:
            self.alter_table(table, [operation])


def _only_renames(options: dict[str, Any]) -> bool:
    changed = {"nullable": None, "server_default": False, "type_": None}
    return all(options.get(name, unset) is unset for name, unset in changed.items())


def _refuse(names: list[str]) -> None:
    if names:
        raise MigrationError(
            f"batch_alter_table() on SQLite does without {', '.join(names)} here: nothing of the "
            "table is lost, and a column stays where it is."
        )
