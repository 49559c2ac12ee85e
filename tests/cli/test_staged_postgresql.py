"""The PostgreSQL of the proofs says what it cannot do."""

import importlib
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from jedgebot.errors import Failure
from jedgebot.paths import PROJECT_ROOT
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


def test_a_process_that_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    began = subprocess.Popen

    def begin(*arguments: Any, **options: Any) -> Any:
        process = began(*arguments, **options)
        process.send_signal(signal.SIGKILL)
        return process

    monkeypatch.setattr(subprocess, "Popen", begin)
    ended = pytest.raises(Failure, match="the process that starts PostgreSQL has ended")
    with staged.begun(PROJECT_ROOT, tmp_path), ended:
        staged.address(tmp_path / "var")


def test_a_module_may_call_its_database_as_the_server_calls_one(
    postgresql: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attached = PostgreSQL.attached(postgresql.url("postgres"))
    monkeypatch.setattr(PostgreSQL, "start", lambda _: attached)
    monkeypatch.setattr(MIGRATIONS, "upgrade", lambda _: None)
    monkeypatch.setattr(sys, "stdin", StringIO())
    staged.serve(tmp_path)
    try:
        made = {staged.empty_database(tmp_path, name) for name in ("postgres", "proofs")}
        assert len(made | {staged.address(tmp_path)}) == 3
    finally:
        for name in ("proofs", "at_head", "proofs-of-postgres", "proofs-of-proofs"):
            postgresql.drop_database(name)
