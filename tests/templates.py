"""Databases at head, which each test has a copy of."""

import sqlite3
from contextlib import closing
from pathlib import Path

from backend.core.migrations import upgrade


def make_sqlite(path: Path) -> None:
    """Make a SQLite file at head."""
    upgrade(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
