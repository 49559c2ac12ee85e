"""A comparison of catalogues sees what was done to a database past the migrations."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from sqlalchemy import (
    DDL,
    Column,
    Connection,
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    create_engine,
    event,
)

from backend.core.engine import make_engine
from backend.core.models import NAMING_CONVENTION
from jedgebot.checks.migrated import applied
from jedgebot.migrations.catalogue import Difference, compare, modelled, read
from tests.migrations.catalogue import rows, run
from tests.migrations.changes.drift import POSTGRESQL, SQLITE, SURVEYED, base
from tests.postgresql import PostgreSQL


@pytest.fixture(scope="module")
def engine(postgresql: PostgreSQL) -> Iterator[Engine]:
    """A PostgreSQL database with the models' tables; what a test does in it is rolled back."""
    engine = make_engine(postgresql.create_database("catalogue_drift"), pool_size=1)
    base().create_all(engine)
    yield engine
    engine.dispose()


def told(found: list[Difference]) -> list[str]:
    return [f"{one.subject}: {one.part}" for one in found]


def drifted(connection: Connection, before: list[str], after: list[str]) -> list[Difference]:
    """The differences between a database and itself after some statements."""
    for statement in before:
        connection.exec_driver_sql(statement)
    wanted = read(connection)
    for statement in after:
        connection.exec_driver_sql(statement)
    return compare(wanted, read(connection), order=True)


@pytest.mark.parametrize("name", POSTGRESQL)
def test_drift_on_postgresql_is_seen(engine: Engine, name: str) -> None:
    before, after, part = POSTGRESQL[name]
    with engine.connect() as connection:
        found = drifted(connection, before, after)
        connection.rollback()
    assert part in told(found)
    assert len(found) == 1, told(found)


@pytest.mark.parametrize("name", SQLITE)
def test_drift_on_sqlite_is_seen(name: str) -> None:
    before, after, part = SQLITE[name]
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        base().create_all(connection)
        found = drifted(connection, before, after)
    assert told(found) == [part]


def test_the_order_of_columns_counts_only_where_it_is_asked_for() -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        base().create_all(connection)
        wanted = read(connection)
        for statement in SQLITE["column order"][1]:
            connection.exec_driver_sql(statement)
        assert compare(wanted, read(connection)) == []


def test_a_virtual_table_is_seen() -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        found = drifted(connection, [], ["CREATE VIRTUAL TABLE words USING fts5(a)"])
    assert "words: table" in told(found)


def test_every_kind_of_the_survey_is_there() -> None:
    assert len(SURVEYED) == 17
    assert [name for name in SURVEYED if name not in POSTGRESQL] == []


def test_an_extension_that_a_table_needs_is_no_drift(engine: Engine) -> None:
    statements = [
        "CREATE EXTENSION btree_gist",
        "ALTER TABLE t ADD CONSTRAINT ex EXCLUDE USING gist (p WITH =)",
    ]
    with engine.connect() as connection:
        assert told(drifted(connection, [], statements)) == ["t: exclusion constraint ex"]


def test_what_an_event_of_a_table_does_is_wanted(engine: Engine) -> None:
    metadata = base()
    grant = DDL("GRANT SELECT ON t TO PUBLIC")  # type: ignore[no-untyped-call]  # of SQLAlchemy
    grant = grant.execute_if(dialect="postgresql")
    event.listen(metadata.tables["t"], "after_create", grant)
    with engine.connect() as connection:
        wanted = modelled(metadata, connection)
        assert wanted["t"]["grants to PUBLIC"] == "SELECT"
        assert told(compare(wanted, read(connection))) == ["t: grants to PUBLIC"]
    assert "grants to PUBLIC" not in modelled(metadata)["t"]


def test_partitions_belong_to_their_table(engine: Engine) -> None:
    with engine.connect() as connection:
        before = ["CREATE TABLE h (id int PRIMARY KEY) PARTITION BY HASH (id)"]
        after = ["CREATE TABLE h0 PARTITION OF h FOR VALUES WITH (MODULUS 1, REMAINDER 0)"]
        assert drifted(connection, before, after) == []


def test_a_line_says_what_was_wanted_and_what_was_found() -> None:
    one = Difference("t", "column a", "text NULL", "text NOT NULL")
    assert one.line("the model", "the database") == (
        "column a: text NULL in the model, text NOT NULL in the database"
    )
    gone = Difference("t", "column a", "text NULL", None)
    assert gone.line("the model", "it") == "column a: text NULL in the model, missing in it"
    more = Difference("t", "column a", None, "text NULL")
    assert more.line("the model", "it") == "column a: text NULL in it, missing in the model"


def test_the_configured_database_is_as_before(postgresql: PostgreSQL) -> None:
    url = postgresql.create_database("catalogue_read_only")
    state = "SELECT count(*), max(oid)::text FROM pg_namespace"
    before = rows(url, state), rows(url, "SELECT count(*) FROM pg_class")
    found = applied(url)
    assert found is not None
    assert isinstance(found.modelled, dict)
    assert "users" in found.modelled
    assert (rows(url, state), rows(url, "SELECT count(*) FROM pg_class")) == before


def test_a_role_that_may_make_no_schema_is_told(postgresql: PostgreSQL) -> None:
    url = postgresql.create_database("catalogue_reader")
    with suppress(Exception):
        run(url, "DROP ROLE reader")
    run(url, "CREATE ROLE reader LOGIN PASSWORD 'reads only'")
    address = make_engine(url).url.set(username="reader", password="reads only")
    found = applied(address.render_as_string(hide_password=False))
    assert found is not None
    assert isinstance(found.modelled, str)
    assert "permission denied for database catalogue_reader" in found.modelled
    run(url, "DROP ROLE reader")


def test_many_tables_are_made_in_portions(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    for number in range(30):
        up: Column[int] = Column("up", ForeignKey(f"t{number // 2}.id"))
        Table(f"t{number}", metadata, Column("id", Integer, primary_key=True), up)
    with engine.connect() as connection:
        whole = modelled(metadata, connection)
        monkeypatch.setattr("jedgebot.migrations.catalogue.scratch.TABLES_AT_ONCE", 4)
        assert modelled(metadata, connection) == whole
    assert len(whole) == 30
