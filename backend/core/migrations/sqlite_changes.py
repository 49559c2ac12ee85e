"""The operations of a batch on one SQLite table, in their order."""

from collections.abc import Callable
from typing import Any

from alembic.ddl.base import add_column
from alembic.ddl.sqlite import SQLiteImpl
from sqlalchemy import Column, Computed, Constraint, Identity, MetaData, Table
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import DropTable
from sqlalchemy.types import Integer, TypeEngine

from backend.core.migrations.connections import live
from backend.core.migrations.errors import CannotRebuild
from backend.core.migrations.sqlite_definition import TableDefinition
from backend.core.migrations.sqlite_rebuild import Rebuild, refuse_if_triggers_use
from backend.core.migrations.sqlite_values import Conversion, exact_decimal


class TableChanges:
    """Makes each change natively, or collects it for one rebuild; `finish` does the rebuild.

    The methods are named as Alembic names the operations of a batch.
    """

    def __init__(self, impl: SQLiteImpl, table: str) -> None:
        self._impl = impl
        self._connection = live(impl.connection)
        self._table = table
        self._pending: Rebuild | None = None
        # A compiler is made for a statement, but its parts can be asked for any other.
        self._compiler = impl.dialect.ddl_compiler(
            impl.dialect, DropTable(Table(table, MetaData()))
        )

    def finish(self) -> None:
        """Make the changes that were collected.

        Raises:
            CannotRebuild: one of them would lose something.
        """
        if self._pending is not None:
            self._pending.apply()
            self._pending = None

    def add_column(self, table_name: str, column: Column[Any], **options: Any) -> None:
        """Add a column; the rebuild is for defaults that SQLite has to compute."""

        def native() -> None:
            SQLiteImpl.add_column(self._impl, table_name, column, **options)

        if not self._natively(native):
            inline = {name: value for name, value in options.items() if name != "schema"}
            text = add_column(self._compiler, column, **inline)
            self._rebuild.add_column(column.name, text.removeprefix("ADD COLUMN "))

    def drop_column(self, table_name: str, column: Column[Any], **options: Any) -> None:
        """Drop a column; the rebuild is for one that an index or a constraint is about.

        Raises:
            CannotRebuild: something else needs the column.
        """
        refuse_if_triggers_use(self._connection, table_name, column.name)

        def native() -> None:
            SQLiteImpl.drop_column(self._impl, table_name, column, **options)

        if not self._natively(native):
            self._rebuild.drop_column(column.name)

    def alter_column(
        self,
        table_name: str,
        column_name: str,
        *,
        nullable: bool | None = None,
        server_default: Any = False,
        name: str | None = None,
        type_: TypeEngine[Any] | None = None,
        existing_type: TypeEngine[Any] | None = None,
        **_options: Any,
    ) -> None:
        """Change a column; SQLite itself can only give it another name."""
        if type_ is not None:
            self._change_type(column_name, existing_type, type_)
        if server_default is not False:
            default = self._default(column_name, server_default)
            self._define(lambda table: table.set_default(column_name, default))
        if nullable is not None:
            self._define(lambda table: table.set_nullable(column_name, nullable=nullable))
        if name is not None and name != column_name:
            self.finish()
            SQLiteImpl.alter_column(self._impl, table_name, column_name, name=name)

    def add_constraint(self, const: Constraint) -> None:
        """Add a table constraint."""
        rule = const._create_rule  # noqa: SLF001 - as Alembic's own add_constraint does
        if rule is None or rule(self._compiler):
            text = self._compiler.process(const)
            self._define(lambda table: table.add_constraint(text))

    def drop_constraint(self, const: Constraint) -> None:
        """Drop a constraint by its name."""
        name = None
        if const.name is not None:
            name = self._compiler.preparer.format_constraint(const, _alembic_quote=False)
        if name is None:
            raise CannotRebuild(f"A constraint of {self._table} without a name cannot be dropped.")
        self._define(lambda table: table.drop_constraint(name))

    def rename_table(self, *arguments: Any, **options: Any) -> None:
        """Rename the table."""
        self.finish()
        SQLiteImpl.rename_table(self._impl, *arguments, **options)

    def create_index(self, *arguments: Any, **options: Any) -> None:
        """Create an index."""
        self.finish()
        SQLiteImpl.create_index(self._impl, *arguments, **options)

    def drop_index(self, *arguments: Any, **options: Any) -> None:
        """Drop an index."""
        self.finish()
        SQLiteImpl.drop_index(self._impl, *arguments, **options)

    def create_table_comment(self, _table: object) -> None:
        """Do nothing: SQLite keeps no comments."""

    def drop_table_comment(self, _table: object) -> None:
        """Do nothing: SQLite keeps no comments."""

    def create_column_comment(self, _column: object) -> None:
        """Do nothing: SQLite keeps no comments."""

    @property
    def _rebuild(self) -> Rebuild:
        if self._pending is None:
            self._pending = Rebuild(self._connection, self._table)
        return self._pending

    def _define(self, change: Callable[[TableDefinition], TableDefinition]) -> None:
        self._rebuild.definition = change(self._rebuild.definition)

    def _natively(self, change: Callable[[], None]) -> bool:
        """Ask SQLite itself, whose rules differ from release to release."""
        if self._pending is not None:
            return False
        try:
            with self._connection.begin_nested():
                change()
        except OperationalError:
            return False
        return True

    def _change_type(
        self, column_name: str, old: TypeEngine[Any] | None, new: TypeEngine[Any]
    ) -> None:
        type_name = self._impl.dialect.type_compiler_instance.process(new)
        same = self._rebuild.definition.column(column_name).type_name == type_name
        if not same or exact_decimal(old) != exact_decimal(new):
            self._rebuild.convert(column_name, type_name, Conversion(old, new))

    def _default(self, column_name: str, server_default: Any) -> str | None:
        """The default as SQLAlchemy writes it in a column that has no more than that."""
        if server_default is None:
            return None
        if isinstance(server_default, (Computed, Identity)):
            raise CannotRebuild(f"Column {column_name!r} cannot become generated; add it anew.")
        column: Column[Any] = Column(column_name, Integer(), server_default=server_default)
        written = self._compiler.get_column_specification(column)
        clause = TableDefinition(f"CREATE TABLE t ({written})").columns[0].all_of("DEFAULT")[0]
        return clause.text.removeprefix("DEFAULT ")
