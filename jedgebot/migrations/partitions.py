"""The stand-in for a distributed PostgreSQL: owned tables, partitioned by their owner.

A distributed PostgreSQL spreads rows by their owner, and so refuses a primary key or unique
constraint without it. A partitioned table refuses the same, on any server.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, MetaData, Table
from sqlalchemy.exc import DBAPIError

from backend.core.models import OWNER_COLUMN
from jedgebot.errors import Failure
from jedgebot.migrations.catalogue.scratch import scratch_schema
from jedgebot.migrations.edge_rows import EdgeRows

PARTITIONS = 4


def is_owned(table: Table) -> bool:
    """Whether the rows of a table live with their owner: whether that leads the primary key."""
    keys = list(table.primary_key.columns)
    return len(keys) > 1 and keys[0].name == OWNER_COLUMN


def prove_partitioned(connection: Connection, metadata: MetaData, tables: Iterable[str]) -> str:
    """Make owned tables, and what they refer to, partitioned by their owner, with rows in them.

    Args:
        connection: to a PostgreSQL database, which is as before afterwards; its role must be
            allowed to create a schema there.
        metadata: of the models.
        tables: those to prove; the others that they refer to are made as well.

    Returns:
        what was seen.

    Raises:
        Failure: the server refuses one of the tables, or a row.
    """
    wanted = _closure(metadata, tables)
    partitioned = MetaData(naming_convention=metadata.naming_convention)
    copies = [_copy(table, partitioned) for table in metadata.sorted_tables if table in wanted]
    owned = [table for table in copies if is_owned(table)]
    rows = EdgeRows(copies)
    with scratch_schema(connection):
        for table in copies:
            try:
                with connection.begin_nested():
                    table.create(connection, checkfirst=False)
                    if is_owned(table):
                        _add_partitions(connection, table)
                rows.insert_accepted(connection, table)
            except DBAPIError as error:
                reason = str(error.orig).strip().splitlines()[0]
                raise Failure(
                    f"the table {table.name} cannot be partitioned by its owner: {reason}.",
                    f"Let each key and unique constraint of it begin with {OWNER_COLUMN}.",
                ) from error
        used = _used_partitions(connection, owned)
    return (
        f"{', '.join(table.name for table in owned)}: PARTITION BY HASH ({OWNER_COLUMN}), "
        f"{PARTITIONS} partitions each, {used} of which have rows"
    )


def _closure(metadata: MetaData, names: Iterable[str]) -> set[Table]:
    found = set[Table]()
    open_ = [metadata.tables[name] for name in names]
    while open_:
        table = open_.pop()
        if table not in found:
            found.add(table)
            open_ += [key.column.table for key in table.foreign_keys]
    return found


def _copy(table: Table, metadata: MetaData) -> Table:
    copy = table.to_metadata(metadata)
    if is_owned(table):
        copy.dialect_options["postgresql"]["partition_by"] = f"HASH ({OWNER_COLUMN})"
    return copy


def _add_partitions(connection: Connection, table: Table) -> None:
    name = connection.dialect.identifier_preparer.quote
    for number in range(PARTITIONS):
        connection.exec_driver_sql(
            f"CREATE TABLE {name(f'{table.name[:50]}_{number}')} PARTITION OF {name(table.name)}"
            f" FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {number})"
        )


def _used_partitions(connection: Connection, tables: Sequence[Table]) -> int:
    name = connection.dialect.identifier_preparer.quote
    return sum(
        connection.exec_driver_sql(
            f"SELECT count(DISTINCT tableoid) FROM {name(table.name)}"  # noqa: S608 - a table's name
        ).scalar_one()
        for table in tables
    )
