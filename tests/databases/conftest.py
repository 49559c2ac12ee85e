"""An application with a database beside the main one, on every pair of kinds."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from alembic import command
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import Engine

from backend.core import health
from backend.core.application import new_application
from backend.core.modules import Module
from backend.core.revisions import script_heads
from backend.core.settings import Settings
from backend.main import MODULES
from tests.clients import running
from tests.contract.tables import ContractBase
from tests.databases.archive import ArchiveProject
from tests.postgresql import PostgreSQL

_numbers = count(1)

ALL_MODULES = (
    *MODULES,
    Module("tests.contract.cabinets", prefix="/cabinets"),
    Module("tests.databases.pins", prefix="/pins"),
    Module("tests.databases.readings", prefix="/readings", database="archive"),
    Module("tests.databases.corrections", prefix="/corrections", database="archive"),
)
MIXED = [("sqlite", "postgresql"), ("postgresql", "sqlite")]
ALIKE = [("sqlite", "sqlite"), ("postgresql", "postgresql")]
_IN_MAIN = ("cabinets", "pins")


@pytest.fixture(scope="session")
def archive_project(tmp_path_factory: pytest.TempPathFactory) -> ArchiveProject:
    """The project's revisions, and those of the archive, made by autogenerate."""
    return ArchiveProject.made_in(tmp_path_factory.mktemp("archive"))


@dataclass
class Urls:
    """Where the two databases are."""

    main: str
    archive: str


@pytest.fixture(params=MIXED, ids=" with ".join)
def kinds(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Of the main database and of the archive; these two pairs have each kind in each place."""
    pair: tuple[str, str] = request.param
    return pair


@pytest.fixture
def empty_urls(
    request: pytest.FixtureRequest, kinds: tuple[str, str], tmp_path: Path
) -> Iterator[Urls]:
    """Two databases without a table."""
    made: list[str] = []

    def url(kind: str, name: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path / name}.db"
        server: PostgreSQL = request.getfixturevalue("postgresql")
        made.append(f"{name}_{next(_numbers)}")
        return server.create_database(made[-1])

    yield Urls(url(kinds[0], "main"), url(kinds[1], "archive"))
    for name in made:
        request.getfixturevalue("postgresql").drop_database(name)


@pytest.fixture
def urls(
    empty_urls: Urls, archive_project: ArchiveProject, monkeypatch: pytest.MonkeyPatch
) -> Urls:
    """Two databases at head, named in the environment."""
    monkeypatch.setenv("JEDGEBOT_DATABASE_URL", empty_urls.main)
    monkeypatch.setenv("JEDGEBOT_ARCHIVE_DATABASE_URL", empty_urls.archive)
    command.upgrade(archive_project.config(), "heads")
    return empty_urls


@pytest.fixture
def app(
    urls: Urls, archive_project: ArchiveProject, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FastAPI]:
    """The application, with as few connections as there can be."""
    monkeypatch.setattr(health, "script_heads", partial(script_heads, archive_project.versions))
    settings = Settings(
        database_pool_size=2,
        secret_key=SecretStr("a key of the tests, with more than 32 bytes"),
        log_level="error",
    )
    application = new_application(settings, ALL_MODULES)
    tables = [ContractBase.metadata.tables[name] for name in _IN_MAIN]
    ContractBase.metadata.create_all(application.state.database.engine, tables=tables)
    with running(application) as app:
        yield app


@pytest.fixture
def archive(app: FastAPI) -> Engine:
    """The archive, past the application."""
    engine: Engine = app.state.databases["archive"].visitors
    return engine
