"""Writing many rows at once: each value is made what the driver takes once for all its rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import repeat
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Table, insert
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

SQLITE_CACHE_KIB: Final = 65_536
"""Memory for pages of SQLite while much is written; else each row reads those of indexes anew."""

Value = Any  # of the type of its column
Row = Mapping[str, Value]


def insert_rows(
    connection: Connection, table: Table, rows: Sequence[Row], common: Row | None = None
) -> None:
    """Add rows of hashable values, which all name the same columns; what they leave out is null.

    They are as if SQLAlchemy had added them one by one, at a third of the time: its own `insert`
    looks up and calls each column's type for each row. No default of a column is filled in.

    Args:
        connection: where they are added.
        table: what they are rows of.
        rows: values by columns.
        common: the same for columns that have one value in all rows.

    Raises:
        ValueError: a value does not fit its column.
        DBAPIError: the database refuses a row.
    """
    if not rows:
        return
    dialect = connection.dialect
    common = common or {}
    statement = _statement(dialect, table, (*rows[0], *common))
    names = statement.positiontup or list(statement.params)
    columns: list[Iterable[Value]] = []
    for name in names:
        values = [common[name]] if name in common else [row[name] for row in rows]
        taken = _as_the_driver_takes(dialect, table, name, values)
        columns.append(repeat(taken[0], len(rows)) if name in common else taken)
    whole = zip(*columns, strict=True)
    if statement.positional:
        connection.exec_driver_sql(str(statement), list(whole))
    else:
        connection.exec_driver_sql(str(statement), [dict(zip(names, row)) for row in whole])  # noqa: B905  # as long as the columns


@lru_cache(maxsize=16)
def _statement(dialect: Dialect, table: Table, names: tuple[str, ...]) -> SQLCompiler:
    return insert(table).compile(dialect=dialect, column_keys=list(names))


def _as_the_driver_takes(
    dialect: Dialect, table: Table, name: str, values: list[Value]
) -> list[Value]:
    process = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        return values
    if isinstance(values[0], UUID):
        return list(map(process, values))
    # Values that are equal are stored as the same, and most columns repeat theirs.
    processed = {value: process(value) for value in set(values)}
    return [processed[value] for value in values]


@contextmanager
def writing_much(db: Session) -> Iterator[None]:
    """Give a session's connection to SQLite more memory for pages, until the block ends."""
    connection = db.connection()
    if connection.dialect.name != "sqlite":
        yield
        return
    before = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size = -{SQLITE_CACHE_KIB}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {before}")
