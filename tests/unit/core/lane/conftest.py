"""Databases for the tests of the lane's executors."""

import time
from collections.abc import Iterator

import pytest

from tests.postgresql import PostgreSQL
from tests.unit.core.lane.observed import Server


@pytest.fixture
def server(postgresql: PostgreSQL) -> Iterator[Server]:
    """A PostgreSQL database with the notes."""
    name = f"lane_{time.monotonic_ns()}"
    server = Server(postgresql.create_database(name))
    yield server
    server.close()
    postgresql.drop_database(name)
