"""`jedgebot table add --database`: tables in a database beside the main one."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from backend.core.revisions import script_heads
from jedgebot.errors import Failure
from jedgebot.migrations.target import Target
from tests.cli.project_copy import CommandLine, ProjectCopy
from tests.databases.archive import ArchiveProject

TABLES = """
[tables.readings]
database = "archive"
fields = { sensor = "str:40:unique:filter", value = "decimal:20,8" }

[tables.corrections]
database = "archive"
fields = { reading = "ref:readings:cascade", reason = "str:80" }
"""


@pytest.fixture
def command_line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """The command line, with the libraries loaded once."""
    with CommandLine(tmp_path_factory.mktemp("command_line")) as command_line:
        yield command_line


@pytest.fixture
def project(tmp_path: Path, sqlite_template: Path) -> ProjectCopy:
    """A copy of the project with a database at head."""
    project = ProjectCopy(tmp_path / "project")
    (project.root / "var").mkdir()
    shutil.copyfile(sqlite_template, project.root / "var" / "jedgebot.db")
    return project


def _tables(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}


def test_tables_come_into_a_database_that_begins_with_them(
    project: ProjectCopy, command_line: CommandLine
) -> None:
    main_before = _tables(project.root / "var" / "jedgebot.db")
    file = project.root / "tables.toml"
    file.write_text(TABLES)
    added = command_line.run(project.root, "table", "add", "-f", "tables.toml", "--no-postgresql")
    assert added.code == 0, added.out + added.err
    archive = _tables(project.root / "var" / "archive.db")
    assert {"alembic_version_archive", "idempotency_keys", "readings", "corrections"} <= archive
    assert _tables(project.root / "var" / "jedgebot.db") == main_before
    [kept] = (project.root / "var" / "migrated").glob("*/archive.db")
    assert _tables(kept) == archive
    main = (project.root / "backend" / "main.py").read_text()
    assert 'Module("backend.readings", prefix="/readings", database="archive"),' in main

    checked = command_line.run(project.root, "table", "check", "corrections")
    assert checked.code == 0, checked.out + checked.err

    assert "archive" in command_line.run(project.root, "table", "spec", "readings").out

    soft = ("pins", "reading:ref:readings:soft", "--no-postgresql")
    pinned = command_line.run(project.root, "table", "add", *soft)
    assert pinned.code == 0, pinned.out + pinned.err
    reached = ("marks", "reading:ref:readings", "--dry-run")
    hard = command_line.run(project.root, "table", "add", *reached)
    assert hard.code == 2
    assert "reading:ref:readings:soft" in hard.err


def test_a_killed_command_is_recovered_by_the_database_that_it_was_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JEDGEBOT_DATABASE_URL", f"sqlite:///{tmp_path / 'main.db'}")
    monkeypatch.delenv("JEDGEBOT_ARCHIVE_DATABASE_URL", raising=False)
    (tmp_path / "project").mkdir()
    project = ArchiveProject.made_in(tmp_path / "project")
    (head,) = script_heads(project.versions, "archive")
    archive = Target.named(project.directory, "archive")
    main = Target.named(project.directory, "")
    mark = archive.mark(head)
    assert not main.holds(mark)
    archive.apply(head)
    assert (tmp_path / "archive.db").exists()
    assert main.holds(mark)


def test_an_empty_database_is_at_the_base(database_url: str, tmp_path: Path) -> None:
    there = Target(tmp_path, database_url)
    with pytest.raises(Failure, match="not at base"):
        there.require_at("base")
    (head,) = script_heads()
    there.require_at(head)
    Target(tmp_path, database_url, "archive").require_at("base")
