"""The PostgreSQL of the proofs says what it cannot do."""

import importlib
from pathlib import Path

import pytest

from jedgebot.errors import Failure
from jedgebot.staging import postgresql as staged
from tests.postgresql import PostgreSQL
from tests.postgresql_cluster import PostgreSQLUnavailable

MIGRATIONS = importlib.import_module("backend.core.migrations")


def test_a_server_that_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(directory: Path) -> PostgreSQL:
        raise PostgreSQLUnavailable("initdb failed:\nno room")

    monkeypatch.setattr(PostgreSQL, "start", start)
    staged.serve(tmp_path)
    with pytest.raises(Failure, match="PostgreSQL did not start: initdb failed: no room"):
        staged.address(tmp_path)


def test_revisions_that_do_not_run_there(
    postgresql: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def upgrade(url: str) -> None:
        raise ValueError("no such type:\nblob")

    attached = PostgreSQL.attached(postgresql.url("postgres"))
    monkeypatch.setattr(PostgreSQL, "start", lambda _: attached)
    monkeypatch.setattr(MIGRATIONS, "upgrade", upgrade)
    staged.serve(tmp_path)
    postgresql.drop_database("proofs")
    found = "^PostgreSQL cannot be migrated: no such type: blob$"
    with pytest.raises(Failure, match=found) as failure, staged.used_by_tests(tmp_path):
        pass
    assert "--no-postgresql" in failure.value.hint
