"""The databases that the contenders serve, with the same rows in each."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, create_engine, insert, make_url
from sqlalchemy.schema import CreateIndex, CreateTable

from backend import models
from backend.core.engine import make_engine
from backend.user_sessions.models import UserSession
from backend.users.models import User
from benchmarks.dataset import SEEDED_REFERENCE, Dataset, FillRow, session_row, user_row
from benchmarks.ours.fills.models import Fill
from tests.postgresql import PostgreSQL

# Durable as in production, unlike the tests' server. Checkpoints and vacuum run between
# measurements instead of inside some of them. All contenders hold their connections at once.
POSTGRESQL_OPTIONS = {
    "autovacuum": "off",
    "checkpoint_timeout": "1h",
    "dynamic_shared_memory_type": "posix",
    "fsync": "on",
    "full_page_writes": "on",
    "max_connections": "400",
    "max_wal_size": "8GB",
    "shared_buffers": "512MB",
    "synchronous_commit": "on",
}
_BATCH = 2000


@contextmanager
def postgresql_server(directory: Path) -> Iterator[PostgreSQL]:
    """A durable server on a cluster in the directory."""
    with PostgreSQL.start(directory, POSTGRESQL_OPTIONS) as server:
        yield server


def seed_postgresql(url: str, dataset: Dataset) -> None:
    """Make the tables and fill them."""
    engine = make_engine(url)
    with engine.begin() as connection:
        _create_tables(connection, dataset)
    engine.dispose()
    with psycopg.connect(plain_postgresql_url(url), autocommit=True) as connection:
        columns = ", ".join(field.name for field in fields(FillRow))
        with connection.cursor().copy(f"COPY fills ({columns}) FROM STDIN") as copy:
            for row in dataset.rows():
                copy.write_row(tuple(vars(row).values()))
    settle_postgresql(url)


def settle_postgresql(url: str) -> None:
    """Forget what a measurement wrote, and leave nothing to do for the next one."""
    with psycopg.connect(plain_postgresql_url(url), autocommit=True) as connection:
        connection.execute(f"DELETE FROM fills WHERE external_ref NOT LIKE '{SEEDED_REFERENCE}%'")
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def plain_postgresql_url(url: str) -> str:
    """The URL as drivers other than SQLAlchemy read it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def seed_sqlite(path: Path, dataset: Dataset) -> None:
    """Make a file with our own column types, in which decimals are text."""
    engine = make_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        _create_tables(connection, dataset)
        rows = dataset.rows()
        while batch := [vars(row) for row in islice(rows, _BATCH)]:
            connection.execute(insert(Fill), batch)
    engine.dispose()
    settle_sqlite(path)


def seed_peers_sqlite(path: Path, ours: Path) -> None:
    """Make a copy of our file in which decimals are NUMERIC, as the peers' libraries hold them."""
    table: Any = Fill.__table__
    engine = create_engine("sqlite://")
    create = (
        str(CreateTable(table).compile(engine))
        .replace("quantity TEXT", "quantity NUMERIC(20, 8)")
        .replace("price TEXT", "price NUMERIC(20, 8)")
    )
    indexes = [str(CreateIndex(index).compile(engine)) for index in table.indexes]
    source = sqlite3.connect(ours)
    target = sqlite3.connect(path)
    source.backup(target)
    source.close()
    target.execute("ALTER TABLE fills RENAME TO fills_as_text")
    for index in table.indexes:
        target.execute(f"DROP INDEX {index.name}")
    target.execute(create)
    columns = ", ".join(column.name for column in table.columns)
    values = columns.replace("quantity", "quantity + 0").replace("price", "price + 0")
    target.execute(f"INSERT INTO fills ({columns}) SELECT {values} FROM fills_as_text")
    target.execute("DROP TABLE fills_as_text")
    for statement in indexes:
        target.execute(statement)
    target.commit()
    target.execute("VACUUM")
    target.close()
    settle_sqlite(path)


def sqlite_version() -> str:
    """The version that the project's Python has; peers' Pythons are the same one."""
    return f"SQLite {sqlite3.sqlite_version}"


def settle_sqlite(path: Path) -> None:
    """Forget what a measurement wrote, and leave nothing to do for the next one."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"DELETE FROM fills WHERE external_ref NOT LIKE '{SEEDED_REFERENCE}%'")
    connection.execute("ANALYZE")
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _create_tables(connection: Connection, dataset: Dataset) -> None:
    models.metadata.create_all(connection)
    users: list[dict[str, Any]] = [user_row(owner) for owner in dataset.owners]
    connection.execute(insert(User), users)
    sessions: list[dict[str, Any]] = [session_row(owner) for owner in dataset.owners]
    connection.execute(insert(UserSession), sessions)
