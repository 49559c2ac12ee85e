"""Tables of random specifications hold every value of their types, and can be spread by owner."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection, Engine, MetaData, create_engine, event

from backend.core.engine import make_engine
from jedgebot.migrations.catalogue import Catalogue, modelled
from jedgebot.migrations.edge_rows import EdgeRows
from jedgebot.migrations.expected import Expected
from jedgebot.migrations.partitions import prove_partitioned
from jedgebot.spec.table import TableSpec
from tests.cli.rendered_modules import loaded, needed, own_base, rendered
from tests.cli.specs import tables
from tests.postgresql import PostgreSQL

RANDOM = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_PARTS = {
    "column": "columns",
    "primary key": "constraints",
    "unique constraint": "constraints",
    "foreign key": "constraints",
    "check": "constraints",
    "index": "indexes",
}


@pytest.fixture(scope="module")
def engine(postgresql: PostgreSQL) -> Iterator[Engine]:
    """An empty PostgreSQL database, in which each example is rolled back."""
    engine = make_engine(postgresql.create_database("generated_tables"), pool_size=1)
    yield engine
    engine.dispose()


def metadata_of(spec: TableSpec) -> MetaData:
    base = own_base()
    with loaded(rendered(needed(spec)), base):
        return base.metadata


def fill(connection: Connection, metadata: MetaData) -> None:
    """Make the tables, and rows that they must give back as they took them."""
    metadata.create_all(connection)
    rows = EdgeRows(metadata.sorted_tables)
    for table in rows.tables:
        rows.insert(connection, table)
        assert rows.of(table)
        assert list(rows.differences(connection, table)) == []


def names_in(catalogue: Catalogue, table: str) -> dict[str, set[str]]:
    """The names of a table's parts as `Expected` sorts them."""
    found: dict[str, set[str]] = {kind: set() for kind in _PARTS.values()}
    for part in catalogue[table]:
        kind, _, name = part.rpartition(" ")
        if kind in _PARTS:
            found[_PARTS[kind]].add(name)
    return found


@RANDOM
@given(spec=tables())
def test_every_value_of_its_types_fits_on_sqlite(spec: TableSpec) -> None:
    metadata = metadata_of(spec)
    engine = create_engine("sqlite://")
    event.listen(engine, "connect", lambda one, _: one.execute("PRAGMA foreign_keys=ON"))
    with engine.connect() as connection:
        fill(connection, metadata)
    expected = Expected.of(spec)
    assert names_in(modelled(metadata), spec.name) == {
        "columns": expected.columns,
        "constraints": expected.constraints,
        "indexes": expected.indexes,
    }


@RANDOM
@given(spec=tables())
def test_every_value_of_its_types_fits_on_postgresql(engine: Engine, spec: TableSpec) -> None:
    metadata = metadata_of(spec)
    with engine.connect() as connection:
        fill(connection, metadata)
        connection.rollback()


@RANDOM
@given(spec=tables().filter(lambda spec: not spec.is_shared))
def test_an_owned_table_can_be_spread_by_its_owner(engine: Engine, spec: TableSpec) -> None:
    with engine.connect() as connection:
        seen = prove_partitioned(connection, metadata_of(spec), [spec.name])
    assert spec.name in seen.partition(":")[0]
