"""What every connection to a database is like, outside the lane."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from backend.core.engine import make_engine

POOL_SIZE = 3


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url, POOL_SIZE)
    yield engine
    engine.dispose()


def on_each_connection(engine: Engine, statement: str) -> set[object]:
    """What a statement gives on each connection of the pool."""
    connections = [engine.connect() for _ in range(POOL_SIZE)]
    try:
        return {connection.scalar(text(statement)) for connection in connections}
    finally:
        for connection in connections:
            connection.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("name", "expected"),
    [("statement_timeout", "15s"), ("lock_timeout", "5s"), ("TimeZone", "UTC")],
)
def test_postgresql_bounds_each_statement(engine: Engine, name: str, expected: str) -> None:
    assert on_each_connection(engine, f"SHOW {name}") == {expected}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("name", "expected"),
    [("synchronous", 2), ("foreign_keys", 1), ("journal_mode", "wal"), ("busy_timeout", 10_000)],
)
def test_sqlite_keeps_what_it_has_acknowledged(engine: Engine, name: str, expected: object) -> None:
    assert on_each_connection(engine, f"PRAGMA {name}") == {expected}


def test_an_error_does_not_tell_what_was_bound(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(DBAPIError) as error:
        connection.execute(text("SELECT 1 FROM nowhere WHERE a = :secret"), {"secret": "s3kr1t"})
    assert "nowhere" in str(error.value)
    assert "s3kr1t" not in str(error.value)
