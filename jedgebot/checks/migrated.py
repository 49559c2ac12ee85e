"""What the migrations make of an empty database, what the models want, what is applied."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, create_engine, inspect, make_url

from backend.core.engine import make_engine
from backend.core.migrations import alembic_config, upgrade
from backend.core.revisions import database_heads
from jedgebot.checks.facts import Facts, table_facts

Tables = Mapping[str, Facts]


@dataclass(frozen=True)
class Applied:
    """What is in the configured database.

    Attributes:
        heads: the revisions it is at; empty if none was ever applied.
    """

    heads: frozenset[str]
    tables: Tables


def script_directory(root: Path) -> ScriptDirectory:
    """The migration scripts of the project."""
    return ScriptDirectory.from_config(alembic_config(root))


def migrated_tables() -> Tables:
    """The tables that all revisions make of an empty SQLite database."""
    with TemporaryDirectory() as directory:
        url = f"sqlite:///{Path(directory) / 'scratch.db'}"
        upgrade(url)
        with _connection(make_engine(url)) as connection:
            return _all_facts(connection)


def modelled_tables(metadata: MetaData) -> Tables:
    """The tables that the models make of an empty SQLite database."""
    with _connection(create_engine("sqlite://")) as connection:
        metadata.create_all(connection)
        return _all_facts(connection)


def applied(url: str) -> Applied | None:
    """What is in a database, which is only read; None if it is a SQLite file that is not there."""
    engine = _reading_engine(url)
    if engine is None:
        return None
    with _connection(engine) as connection:
        return Applied(database_heads(connection), _all_facts(connection))


@contextmanager
def _connection(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _all_facts(connection: Connection) -> Tables:
    return {name: table_facts(connection, name) for name in inspect(connection).get_table_names()}


def _reading_engine(url: str) -> Engine | None:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        engine = make_engine(url)
        return engine.execution_options(postgresql_readonly=True)
    path = Path(parsed.database).absolute()
    if not path.is_file():
        return None
    log = path.with_name(f"{path.name}-wal")
    # Without a write-ahead log the file is all there is; opened so, SQLite makes no files
    # beside it, as it does even for a reader.
    mode = "mode=ro" if log.exists() and log.stat().st_size else "immutable=1"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(f"{path.as_uri()}?{mode}", uri=True, timeout=10)

    return create_engine("sqlite://", creator=connect)
