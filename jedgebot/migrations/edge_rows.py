"""Rows at the edges of what tables hold, made from their metadata: all values, nulls, parents."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKeyConstraint,
    Table,
    UniqueConstraint,
    select,
)
from sqlalchemy.exc import IntegrityError

from jedgebot.migrations.edge_values import NoValues, values_of

Row = dict[str, Any]

ROWS_MIN = 4
_EVERY_SO_MANY_IS_NULL = 3


class EdgeRows:
    """Rows for tables that refer to no table but each other: the n-th of each to the n-th.

    Args:
        tables: each behind those that it refers to.

    Raises:
        NoValues: a column is of a type of which nothing is known.
    """

    def __init__(self, tables: Sequence[Table]) -> None:
        self.tables = tuple(tables)
        self._referred = {key.column for table in tables for key in table.foreign_keys}
        self._most = max(
            (len(self._values(column)) for table in tables for column in _filled(table)), default=0
        )
        self._rows: dict[Table, dict[int, Row]] = {}
        for table in tables:
            count = self._count(table)
            self._rows[table] = {number: self._row(table, number) for number in range(count)}

    def of(self, table: Table) -> list[Row]:
        """The rows of a table; a column that the database computes is not in them."""
        return list(self._rows[table].values())

    def insert(self, connection: Connection, table: Table) -> None:
        """Insert the rows of a table.

        Raises:
            DBAPIError: the database refuses one.
        """
        if self.of(table):
            connection.execute(table.insert(), self.of(table))

    def insert_accepted(self, connection: Connection, table: Table) -> None:
        """Insert those rows that the conditions of a table let pass; the others are forgotten.

        So are all rows that refer to one of these.
        """
        try:
            with connection.begin_nested():
                self.insert(connection, table)
        except IntegrityError:
            for number, row in list(self._rows[table].items()):
                if not _is_accepted(connection, table, row):
                    self._forget(table, number)

    def differences(self, connection: Connection, table: Table) -> Iterator[str]:
        """What of the rows the database does not give back as it took it."""
        keys = [column.name for column in table.primary_key]
        found = {
            tuple(row[key] for key in keys): row
            for row in connection.execute(select(*_filled(table))).mappings()
        }
        for row in self.of(table):
            stored = found.get(tuple(row[key] for key in keys))
            if stored is None:
                yield f"a row of {table.name} is not there"
                continue
            for name, value in row.items():
                if stored[name] != value:
                    yield f"{table.name}.{name} took {value!r:.60}, gave {stored[name]!r:.60}"

    def _forget(self, table: Table, number: int) -> None:
        del self._rows[table][number]
        for other in self.tables:
            row = self._rows[other].get(number)
            if row is None or other is table:
                continue
            for key in other.foreign_key_constraints:
                names = [column.name for column in key.columns]
                if key.referred_table is table and None not in [row[name] for name in names]:
                    self._forget(other, number)
                    break

    def _values(self, column: Column[Any]) -> list[Any]:
        may_be_null = column.nullable and column not in self._referred
        return [*values_of(column.type).edges, *([None] if may_be_null else [])]

    def _count(self, table: Table) -> int:
        """As many as there are values, unless parents or a unique column have fewer."""
        counts = [max(self._most, ROWS_MIN)]
        counts += [
            len(self._rows[key.referred_table])
            for key in _foreign_keys(table)
            if key.referred_table in self._rows
        ]
        counts += [
            max(values_of(column.type).count for column in columns)
            for columns in self._to_be_told_apart(table)
        ]
        return min(counts)

    def _row(self, table: Table, number: int) -> Row:
        apart = {
            max(columns, key=lambda column: values_of(column.type).count)
            for columns in self._to_be_told_apart(table)
        }
        row: Row = {}
        for column in _filled(table):
            values = self._values(column)
            row[column.name] = (
                values_of(column.type).distinct(number)
                if column in apart
                else values[number % len(values)]
            )
        for key in _foreign_keys(table):
            row |= self._reference(key, number, row)
        return row

    def _reference(self, key: ForeignKeyConstraint, number: int, row: Row) -> Row:
        optional = [
            column for column in key.columns if column.nullable and column not in self._referred
        ]
        parent = self._rows.get(key.referred_table, {}).get(number)
        if key.referred_table is key.table:
            parent = row
        is_null = number % _EVERY_SO_MANY_IS_NULL == _EVERY_SO_MANY_IS_NULL - 1
        if optional and (is_null or parent is None):
            return {column.name: None for column in optional}
        if parent is None:
            raise NoValues(key)
        return {one.parent.name: parent[one.column.name] for one in key.elements}

    def _to_be_told_apart(self, table: Table) -> Iterator[list[Column[Any]]]:
        """Columns of which one must differ from row to row, as no parent makes them do."""
        yield from ([column] for column in table.primary_key if not column.foreign_keys)
        for columns in _unique(table):
            own = [column for column in columns if not column.foreign_keys]
            if own and not any(_differs(column) for column in columns):
                yield own


def _differs(column: Column[Any]) -> bool:
    """Whether a column differs from row to row because the rows it refers to do."""
    return any(
        key.column.primary_key or [key.column] in list(_unique(key.column.table))
        for key in column.foreign_keys
    )


def _filled(table: Table) -> list[Column[Any]]:
    """The columns that a statement may give a value."""
    return [
        column
        for column in table.columns
        if column.computed is None and not (column.identity is not None and column.identity.always)
    ]


def _foreign_keys(table: Table) -> list[ForeignKeyConstraint]:
    """Those to other tables first: a row that refers to itself needs what they say."""
    return sorted(table.foreign_key_constraints, key=lambda key: key.referred_table is table)


def _unique(table: Table) -> Iterator[list[Column[Any]]]:
    yield list(table.primary_key.columns)
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield list(constraint.columns)
    for index in table.indexes:
        if index.unique:
            yield list(index.columns)


def is_known(table: Table) -> bool:
    """Whether rows can be made for a table: whether all types of its columns are known."""
    try:
        return all(values_of(column.type).edges for column in _filled(table))
    except NoValues:
        return False


def _is_accepted(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(table.insert(), row)
    except IntegrityError:
        return False
    return True
