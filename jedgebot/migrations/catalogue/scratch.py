"""The catalogue that the models make: in a database in memory, or in a schema of no duration."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from secrets import token_hex

from sqlalchemy import Connection, MetaData, Table, create_engine

from jedgebot.migrations.catalogue.comparing import Catalogue
from jedgebot.migrations.catalogue.reading import read

TABLES_AT_ONCE = 100
"""How many tables one transaction makes: a PostgreSQL server has room for a limited number of
locks, and each table and index takes one."""


def modelled(metadata: MetaData, connection: Connection | None = None) -> Catalogue:
    """What the models make of an empty database.

    Args:
        metadata: of the models.
        connection: to the PostgreSQL database that lends its server, and is as before
            afterwards; its role must be allowed to create a schema there. None for SQLite.
    """
    if connection is None:
        with create_engine("sqlite://").connect() as own:
            metadata.create_all(own, checkfirst=False)
            return read(own)
    found: dict[str, dict[str, str]] = {}
    for tables in _portions(metadata):
        with scratch_schema(connection):
            metadata.create_all(connection, tables=tables or None, checkfirst=False)
            found |= {subject: dict(facts) for subject, facts in read(connection).items()}
    return dict(found)


def modelled_since(metadata: MetaData, before: Catalogue, tables: Collection[str]) -> Catalogue:
    """What the models make of an empty SQLite database, of which most is known.

    Args:
        metadata: of the models.
        before: what they made before they had the new tables.
        tables: the new ones.
    """
    with create_engine("sqlite://").connect() as connection:
        for table in tables:
            metadata.tables[table].create(connection, checkfirst=False)
        return {**before, **read(connection)}


@contextmanager
def scratch_schema(connection: Connection) -> Iterator[str]:
    """A schema in which a PostgreSQL connection works for as long as the block lasts.

    It never becomes visible to anybody: its transaction is rolled back at the end.
    """
    name = f"jedgebot_scratch_{token_hex(8)}"
    here = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    transaction = connection.begin_nested() if connection.in_transaction() else connection.begin()
    try:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
        # What the models use and do not make, such as the type of an extension, is found there.
        connection.exec_driver_sql(f"SET LOCAL search_path TO {name}, {here}")
        yield name
    finally:
        transaction.rollback()


def _portions(metadata: MetaData) -> Iterator[list[Table]]:
    """The tables in portions, each with all the tables that it refers to."""
    if len(metadata.tables) <= TABLES_AT_ONCE:
        yield []
        return
    done: set[Table] = set()
    portion: dict[Table, None] = {}
    # Those that refer to others come first, and bring these with them.
    for table in reversed(metadata.sorted_tables):
        if table in done or table in portion:
            continue
        _add(table, portion)
        if len(portion) >= TABLES_AT_ONCE:
            yield list(portion)
            done |= portion.keys()
            portion = {}
    if portion:
        yield list(portion)


def _add(table: Table, wanted: dict[Table, None]) -> None:
    if table not in wanted:
        wanted[table] = None
        for key in table.foreign_keys:
            _add(key.column.table, wanted)
