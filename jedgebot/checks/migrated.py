"""What the migrations make of an empty database, what the models want, what is applied."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, make_url
from sqlalchemy.exc import SQLAlchemyError

from backend.core.engine import make_engine
from backend.core.migrations import alembic_config, upgrade
from backend.core.named_databases import metadata_of
from backend.core.revisions import database_heads
from backend.core.settings import MAIN_DATABASE
from jedgebot.migrations.catalogue import Catalogue, modelled, read
from jedgebot.migrations.read_only import read_only_engine

Tables = Catalogue


@dataclass(frozen=True)
class Applied:
    """What is in the configured database.

    Attributes:
        heads: the revisions it is at; empty if none was ever applied.
        modelled: what the models make on the same server, or why that is not known; None on
            SQLite, where what the migrations make is of the same kind.
    """

    heads: frozenset[str]
    tables: Tables
    modelled: Tables | str | None


def script_directory(root: Path) -> ScriptDirectory:
    """The migration scripts of the project."""
    return ScriptDirectory.from_config(alembic_config(root))


def migrated_tables(database: str = MAIN_DATABASE, migrated_url: str | None = None) -> Tables:
    """What all revisions of a database make of an empty SQLite file.

    Args:
        database: its name.
        migrated_url: of a file that they have made; None if one is to be made.
    """
    with TemporaryDirectory() as directory:
        url = migrated_url or f"sqlite:///{Path(directory) / 'scratch.db'}"
        if migrated_url is None:
            upgrade(url, database=database)
        with _connection(make_engine(url)) as connection:
            return read(connection)


def modelled_tables(metadata: MetaData) -> Tables:
    """What the models make of an empty SQLite database."""
    return modelled(metadata)


def applied(url: str, database: str = MAIN_DATABASE) -> Applied | None:
    """What is in a database, which is only read; None if it is a SQLite file that is not there.

    What the models make of PostgreSQL is made there, in a transaction that is rolled back.
    """
    engine = read_only_engine(url)
    if engine is None:
        return None
    with _connection(engine) as connection:
        heads, tables = database_heads(connection, database), read(connection)
    if make_url(url).get_backend_name() == "sqlite":
        return Applied(heads, tables, None)
    return Applied(heads, tables, _modelled_there(url, database))


def _modelled_there(url: str, database: str) -> Tables | str:
    try:
        main: MetaData = importlib.import_module("backend.models").metadata
    except Exception as error:  # noqa: BLE001 - the project's code may raise anything
        return f"the models cannot be imported: {type(error).__name__}"
    try:
        with _connection(make_engine(url, pool_size=1)) as connection:
            return modelled(metadata_of(database) or main, connection)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        return f"the server does not let us make the models' tables for a moment: {reason}"


@contextmanager
def _connection(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
