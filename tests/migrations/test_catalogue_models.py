"""A comparison of catalogues sees each change of a model, and nothing where there is none."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Dialect, Engine, MetaData, create_engine
from sqlalchemy.schema import CreateTable

from backend.core.engine import make_engine
from jedgebot.migrations.catalogue import Catalogue, compare, fingerprint, modelled
from tests.migrations.changes import columns, constraints, indexes
from tests.migrations.changes.change import Build, Change
from tests.postgresql import PostgreSQL

CHANGES = [*columns.CHANGES, *constraints.CHANGES, *indexes.CHANGES]
CASES = [
    pytest.param(database, change, id=f"{database}: {change.name}")
    for change in CHANGES
    for database in change.databases
]
"""Each change on each database on which it can be said."""


@pytest.fixture(scope="module")
def engine(postgresql: PostgreSQL) -> Iterator[Engine]:
    """A PostgreSQL database for all cases, each of which leaves nothing in it."""
    engine = make_engine(postgresql.create_database("catalogue_models"), pool_size=1)
    yield engine
    engine.dispose()


@pytest.fixture
def server(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        yield connection


def built(build: Build) -> MetaData:
    metadata = MetaData()
    build(metadata)
    return metadata


def made(database: str, build: Build, request: pytest.FixtureRequest) -> Catalogue:
    """What a model makes of an empty database."""
    server = request.getfixturevalue("server") if database == "postgresql" else None
    return modelled(built(build), server)


def test_the_changes_are_those_of_the_survey() -> None:
    names = [change.name for change in CHANGES]
    assert len(set(names)) == len(names)
    assert sum("postgresql" in change.databases for change in CHANGES) >= 101
    assert sum("sqlite" in change.databases for change in CHANGES) >= 82


@pytest.mark.parametrize(("database", "change"), CASES)
def test_a_change_of_a_model_is_seen(
    database: str, change: Change, request: pytest.FixtureRequest
) -> None:
    before = made(database, change.before, request)
    again = made(database, change.before, request)
    after = made(database, change.after, request)
    assert compare(before, again, order=True) == []
    found = compare(after, before)
    lines = [f"{one.subject}: {one.line('the model', 'the database')}" for one in found]
    assert bool(lines) is not change.is_same_on(database), lines
    assert all("\n" not in line and len(line) < 300 for line in lines)
    assert bool(compare(before, after)) is bool(lines), "whichever of them is wanted"


UNSEEN = [
    pytest.param(database, change, why, id=f"{database}: {change.name}")
    for change in CHANGES
    for database, why in change.same_on
]


@pytest.mark.parametrize(("database", "change", "why"), UNSEEN)
def test_what_is_not_seen_is_not_in_the_database(database: str, change: Change, why: str) -> None:
    """The statements are the same, or name one type in two ways: there is nothing to be seen."""
    texts = [
        [str(CreateTable(table).compile(dialect=dialect_of(database))) for table in tables]
        for tables in (built(change.before).sorted_tables, built(change.after).sorted_tables)
    ]
    if database == "postgresql":
        texts = [[text.replace("FLOAT", "DOUBLE PRECISION") for text in one] for one in texts]
    assert texts[0] == texts[1], why


def test_which_changes_are_not_seen() -> None:
    """Nine in a hundred on SQLite have no place there; all that have one are seen."""
    unseen = {
        database: sorted(change.name for change in CHANGES if change.is_same_on(database))
        for database in ("sqlite", "postgresql")
    }
    assert unseen == {
        "sqlite": [
            "DateTime with a time zone",
            "Enum: another one",
            "Enum: word added",
            "Enum: word removed",
            "Enum: word renamed",
            "Enum: words in another order",
            "comment of a column added",
            "comment of a table",
        ],
        "postgresql": ["Float to Double"],
    }


def dialect_of(database: str) -> Dialect:
    url = "sqlite://" if database == "sqlite" else "postgresql+psycopg://x@localhost/x"
    return create_engine(url).dialect


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_fingerprint_tells_of_every_change(database: str, request: pytest.FixtureRequest) -> None:
    prints = []
    for change in (indexes.CHANGES[0], indexes.CHANGES[0], constraints.CHECKS[2]):
        for build in (change.before, change.after):
            # SQLite's driver commits each CREATE TABLE by itself.
            engine = (
                create_engine("sqlite://")
                if database == "sqlite"
                else request.getfixturevalue("engine")
            )
            with engine.connect() as connection:
                built(build).create_all(connection)
                prints.append(fingerprint(connection))
                connection.rollback()
    assert prints[:2] == prints[2:4]
    assert len({*prints[:2], *prints[4:]}) == 4
