"""Changes a SQLite table in the ways that ALTER TABLE cannot, without losing anything.

The procedure is SQLite's own (https://sqlite.org/lang_altertable.html#otheralter), with the old
table renamed away instead of the new one renamed into place: under `legacy_alter_table` no
rename touches the words of another table, view or trigger, and SQLite then keeps the new
CREATE TABLE statement as it was written.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from backend.core.migrations.errors import CannotRebuild
from backend.core.migrations.sqlite_definition import TableDefinition
from backend.core.migrations.sqlite_tokens import names_in
from backend.core.migrations.sqlite_values import Conversion

_GENERATED = (2, 3)  # table_xinfo: a generated column, virtual or stored
Catalogue = dict[tuple[str, str], tuple[str, str | None]]


class Rebuild:
    """The changes to one table, applied together.

    Attributes:
        definition: the table as it will be.
    """

    def __init__(self, connection: Connection, table: str) -> None:
        self._connection = connection
        self._before = catalogue(connection)
        self.table = self._stored_name(table)
        self._sql = self._before["table", self.table][1] or ""
        self.definition = TableDefinition(self._sql)
        self._dropped: set[str] = set()
        self._added: set[str] = set()
        self._conversions: dict[str, Conversion] = {}

    def add_column(self, name: str, specification: str) -> None:
        """Add a column; its default fills the rows that are there."""
        self.definition = self.definition.add_column(specification)
        self._added.add(name.casefold())

    def drop_column(self, name: str) -> None:
        """Drop a column with the indexes and constraints that are about it alone."""
        self.definition = self.definition.drop_column(name)
        self._dropped.add(name.casefold())
        self._added.discard(name.casefold())

    def convert(self, name: str, type_name: str, conversion: Conversion) -> None:
        """Change a column's type, and its values to what the new type holds."""
        self.definition = self.definition.set_type(name, type_name)
        self._conversions[self.definition.column(name).name] = conversion

    def apply(self) -> None:
        """Put the new table in the place of the old one.

        Raises:
            CannotRebuild: something would be lost; the transaction must be rolled back.
        """
        if self.definition.text == self._sql and not self._conversions:
            return
        if self._pragma("foreign_keys"):
            raise CannotRebuild(
                f"Table {self.table} cannot be rebuilt while foreign_keys is ON: dropping the old "
                "table would delete the rows that refer to it."
            )
        counted = [self.table, *referring_tables(self._connection, self.table)]
        rows = {table: self._count(table) for table in counted}
        kept = self._kept_indexes()
        draft = f"_alembic_tmp_{self.table}"
        with self._names_left_alone():
            self._run(f"ALTER TABLE {quoted(self.table)} RENAME TO {quoted(draft)}")
            self._run(self.definition.text)
            self._copy(draft)
            self._carry_sequence(draft)
            self._run(f"DROP TABLE {quoted(draft)}")
            for sql in [*kept.values(), *self._triggers()]:
                self._run(sql)
        for name, conversion in self._conversions.items():
            conversion.check(self._connection, self.table, name)
        self._check_rows(rows)
        self._check_catalogue(kept)
        if self._dropped:
            self._check_references()

    def _copy(self, source: str) -> None:
        old = {
            name.casefold(): name
            for name, hidden in self._columns(source)
            if hidden not in _GENERATED and name.casefold() not in self._dropped
        }
        targets, values = [], []
        for name, hidden in self._columns(self.table):
            if hidden in _GENERATED or name.casefold() in self._added:
                continue
            value = quoted(old[name.casefold()])
            conversion = self._conversions.get(name)
            targets.append(quoted(name))
            values.append(conversion.expression(self._connection, value) if conversion else value)
        self._run(
            f"INSERT INTO {quoted(self.table)} ({', '.join(targets)})"  # noqa: S608 - quoted names
            f" SELECT {', '.join(values)} FROM {quoted(source)}"
        )

    def _carry_sequence(self, source: str) -> None:
        """AUTOINCREMENT never gives an id twice, also not one whose row is deleted."""
        if ("table", "sqlite_sequence") in catalogue(self._connection):
            self._run("DELETE FROM sqlite_sequence WHERE name = ?", self.table)
            self._run("UPDATE sqlite_sequence SET name = ? WHERE name = ?", self.table, source)

    def _kept_indexes(self) -> dict[str, str]:
        remaining = {column.key for column in self.definition.columns}
        kept = {}
        for (kind, name), (table, sql) in self._before.items():
            if kind != "index" or table != self.table or sql is None:
                continue
            used = names_in(sql.partition("(")[2])
            if not used & (self._dropped - remaining):
                kept[name] = sql
            elif used & remaining:
                raise CannotRebuild(
                    f"Index {name} also uses {', '.join(sorted(used & remaining))}; drop it first."
                )
        return kept

    def _triggers(self) -> list[str]:
        return [
            sql
            for (kind, _), (table, sql) in self._before.items()
            if kind == "trigger" and table == self.table and sql is not None
        ]

    def _check_rows(self, rows: dict[str, int]) -> None:
        for table, count in rows.items():
            found = self._count(table)
            if found != count:
                raise CannotRebuild(
                    f"Rebuilding {self.table} left {found} of {count} rows in {table}."
                )

    def _check_catalogue(self, kept: dict[str, str]) -> None:
        expected = {
            key: entry
            for key, entry in self._before.items()
            if entry[1] is not None and (key[0] != "index" or entry[0] != self.table)
        }
        expected |= {("index", name): (self.table, sql) for name, sql in kept.items()}
        expected["table", self.table] = (self.table, self.definition.text)
        found = {k: entry for k, entry in catalogue(self._connection).items() if entry[1]}
        changed = sorted(name for _, name in dict(expected.items() ^ found.items()))
        if changed:
            raise CannotRebuild(f"Rebuilding {self.table} changed {', '.join(changed)}.")

    def _check_references(self) -> None:
        """Let SQLite read every view and foreign key: to rename a table, it reads the views."""
        probe = f"_alembic_tmp_{self.table}"
        try:
            self._run(f"CREATE TABLE {quoted(probe)} (x)")
            self._run(f"ALTER TABLE {quoted(probe)} RENAME TO {quoted(probe + '_')}")
            self._run(f"DROP TABLE {quoted(probe + '_')}")
            for table in referring_tables(self._connection, self.table):
                self._run(f"PRAGMA foreign_key_check({quoted(table)})")
        except DBAPIError as error:
            names = ", ".join(sorted(self._dropped))
            raise CannotRebuild(
                f"Something still uses {names} of {self.table}: {error.orig}."
            ) from error

    @contextmanager
    def _names_left_alone(self) -> Iterator[None]:
        before = self._pragma("legacy_alter_table")
        self._run("PRAGMA legacy_alter_table = ON")
        try:
            yield
        finally:
            self._run(f"PRAGMA legacy_alter_table = {before}")

    def _stored_name(self, table: str) -> str:
        for kind, name in self._before:
            if kind == "table" and name.casefold() == table.casefold():
                return name
        raise CannotRebuild(f"There is no table {table}.")

    def _columns(self, table: str) -> list[tuple[str, int]]:
        sql = "SELECT name, hidden FROM pragma_table_xinfo(?)"
        return [(n, h) for n, h in self._connection.exec_driver_sql(sql, (table,))]

    def _count(self, table: str) -> int:
        sql = f"SELECT count(*) FROM {quoted(table)}"  # noqa: S608 - a quoted name
        count: int = self._connection.exec_driver_sql(sql).scalar_one()
        return count

    def _pragma(self, name: str) -> int:
        value: int = self._connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
        return value

    def _run(self, sql: str, *values: str) -> None:
        self._connection.exec_driver_sql(sql, values or None)


def catalogue(connection: Connection) -> Catalogue:
    """Give everything that SQLite keeps: (type, name) to (table, statement)."""
    rows = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_master")
    return {(kind, name): (table, sql) for kind, name, table, sql in rows}


def referring_tables(connection: Connection, table: str) -> list[str]:
    """Give the other tables that have a foreign key to this one."""
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT m.name FROM sqlite_master m, pragma_foreign_key_list(m.name) f"
        " WHERE m.type = 'table' AND f.\"table\" = ? COLLATE NOCASE"
        " AND m.name <> ? COLLATE NOCASE",
        (table, table),
    )
    return [name for (name,) in rows]


def refuse_if_triggers_use(connection: Connection, table: str, column: str) -> None:
    """Make sure that no trigger uses a column, since SQLite itself reads a trigger too late.

    Raises:
        CannotRebuild: a trigger of the table, or one that names it, names the column.
    """
    names = {table.casefold(), column.casefold()}
    for (kind, name), (on, sql) in catalogue(connection).items():
        if kind == "trigger" and names <= {on.casefold(), *names_in(sql or "")}:
            raise CannotRebuild(f"Trigger {name} uses {column} of {table}; drop it first.")


def quoted(name: str) -> str:
    """Quote a name for SQLite."""
    return '"' + name.replace('"', '""') + '"'
