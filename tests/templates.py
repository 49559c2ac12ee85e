"""Databases at head, which each test has a copy of."""

import sqlite3
from contextlib import closing
from pathlib import Path

from backend.core.migrations import upgrade
from tests.postgresql import PostgreSQL

_AT_HEAD = "template_at_head"


def make_sqlite(path: Path) -> None:
    """Make a SQLite file at head."""
    upgrade(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def make_postgresql(server: PostgreSQL) -> str:
    """Make a PostgreSQL database at head, and give back its name."""
    upgrade(server.create_database(_AT_HEAD))
    return _AT_HEAD
