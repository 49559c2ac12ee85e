"""What is made once for all proofs of an add is not made by one of them again."""

import gc
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from backend.core.migrations import alembic_config, upgrade
from jedgebot.checks import Project
from jedgebot.staging import scripts
from jedgebot.staging.stage import Stage
from jedgebot.staging.tests import copied_by_tests
from tests import templates
from tests.cli.project_copy import ROOT


def migrated_by_hand(path: Path) -> Path:
    """A SQLite file with a table that no migration makes."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE by_hand (id INTEGER)")
    return path


def test_the_generated_tests_copy_the_file_that_is_at_head(tmp_path: Path) -> None:
    database = migrated_by_hand(tmp_path / "made.db")
    with copied_by_tests(database):
        templates.make_sqlite(tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_bytes() == database.read_bytes()


def test_what_was_migrated_is_only_read(tmp_path: Path) -> None:
    url = f"sqlite:///{migrated_by_hand(tmp_path / 'made.db')}"
    migrated = Project(ROOT, url, is_migrated=True).migrated
    assert isinstance(migrated, dict)
    assert list(migrated) == ["by_hand"]


def test_a_box_takes_what_the_models_have_made() -> None:
    nothing = Project(ROOT, "sqlite://", modelled={"": {}})
    assert nothing.modelled == {}
    assert "users" in str(Project(ROOT, "sqlite://").modelled)


def test_the_revision_that_creates_a_table_is_found_in_its_text() -> None:
    project = Project(ROOT, "sqlite://")
    where = project.creation_of("portfolios")
    assert where is not None
    path, line = where.split(":")
    assert '"portfolios"' in "".join((ROOT / path).read_text().splitlines()[int(line) - 1 :][:2])
    assert project.creation_of("by_hand") is None


@pytest.fixture
def sharing() -> Iterator[None]:
    """Alembic's commands share what was read, until the end of the test."""
    read = ScriptDirectory.from_config
    scripts.share()
    yield
    scripts.read_anew()
    ScriptDirectory.from_config = read  # type: ignore[method-assign]  # as it was


@pytest.mark.usefixtures("sharing")
def test_commands_share_the_revisions_until_they_are_read_anew(tmp_path: Path) -> None:
    def read() -> ScriptDirectory:
        return ScriptDirectory.from_config(alembic_config(ROOT))

    first = read()
    upgrade(f"sqlite:///{tmp_path / 'one.db'}")
    upgrade(f"sqlite:///{tmp_path / 'two.db'}")
    assert read() is first
    scripts.read_anew()
    assert read() is not first


@pytest.mark.usefixtures("sharing")
def test_the_same_revisions_run_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, kept = tmp_path / "project", tmp_path / "kept"
    shutil.copytree(
        ROOT / "alembic", root / "alembic", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copyfile(ROOT / "alembic.ini", root / "alembic.ini")
    first = Stage(root)
    old = min((root / "alembic" / "versions").glob("*.py"))
    text = old.read_text()
    try:
        made_by = first.prepare(kept)
        assert made_by
        old.write_text(f"{text}# in place\n")
        first.keep_migrated(kept, made_by, [])
        assert not kept.exists()
        old.write_text(text)
        first.keep_migrated(kept, made_by, [])
        shutil.rmtree(root / "var")
        monkeypatch.setattr("jedgebot.staging.stage.upgrade", pytest.fail)
        assert Stage(root).prepare(kept) == made_by
    finally:
        gc.enable()
    there, before = (root / "var" / name for name in ("scratch.db", "scratch-before.db"))
    assert there.read_bytes() == before.read_bytes()
    with closing(sqlite3.connect(there)) as connection:
        assert connection.execute("SELECT count(*) FROM users").fetchone() == (0,)


def test_only_the_tests_that_are_asked_for_are_looked_at(tmp_path: Path) -> None:
    program = (
        "from pathlib import Path\n"
        "from jedgebot.staging.tests import run_tests\n"
        "print(run_tests(Path('base'), ['tests/asked'], 'sqlite').passed)"
    )
    tree = {
        "conftest.py": "def pytest_collect_directory(path):\n    assert path.name != 'other'\n",
        "asked/test_one.py": "def test_one():\n    assert True\n",
        "other/test_two.py": "def test_two():\n    assert True\n",
    }
    for name, text in tree.items():
        path = tmp_path / "tests" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.endswith("\n1\n"), done.stdout + done.stderr
