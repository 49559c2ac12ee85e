"""Start, readiness and end of an application with a database beside the main one."""

import pytest
from alembic import command
from fastapi import FastAPI
from sqlalchemy import Engine, event

from backend.core.application import new_application
from backend.core.database import Database
from backend.core.settings import Settings, SettingsError
from tests.clients import Client, registered, running
from tests.databases.archive import ArchiveProject
from tests.databases.conftest import ALL_MODULES, Urls


def test_it_is_ready_when_all_databases_are(app: FastAPI) -> None:
    assert Client(app).get("/readyz").status_code == 200


def test_it_is_not_ready_while_one_is_behind(app: FastAPI, archive_project: ArchiveProject) -> None:
    command.downgrade(archive_project.config(), "archive@base")
    answer = Client(app).get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["detail"] == "The database archive's schema is not at head."
    assert registered(app).get("/users/me").status_code == 200


def test_it_is_not_ready_while_one_is_away(app: FastAPI) -> None:
    engine: Engine = app.state.databases["archive"].engine

    def refuse(*_arguments: object) -> None:
        raise engine.dialect.loaded_dbapi.OperationalError("down")

    event.listen(engine, "do_connect", refuse)
    engine.dispose()
    answer = Client(app).get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["detail"] == "The database archive cannot be reached."


def test_without_such_modules_there_is_one_database(settings: Settings) -> None:
    application = new_application(settings, ALL_MODULES[:3])
    assert list(application.state.databases) == [""]
    database = application.state.database
    assert database.visitors is database.engine


def test_it_does_not_start_without_a_place_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JEDGEBOT_ARCHIVE_DATABASE_URL", raising=False)
    settings = Settings(environment="production")
    with pytest.raises(SettingsError, match="JEDGEBOT_ARCHIVE_DATABASE_URL is not set"):
        new_application(settings, ALL_MODULES)


def test_all_connections_are_closed_at_the_end(urls: Urls, monkeypatch: pytest.MonkeyPatch) -> None:
    disposed: list[str] = []
    dispose = Database.dispose

    def note(database: Database) -> None:
        disposed.append(database.name)
        dispose(database)

    monkeypatch.setattr(Database, "dispose", note)
    with running(new_application(Settings(), ALL_MODULES)) as application:
        assert registered(application).get("/readings").status_code == 200
        pool = application.state.databases["archive"].engine.pool
        assert pool.checkedin() == 1
        assert disposed == []
    assert disposed == ["", "archive"]
    assert application.state.databases["archive"].engine.pool is not pool
