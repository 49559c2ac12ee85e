"""What is made once for all proofs of an add is not made by one of them again."""

import sqlite3
from contextlib import closing
from pathlib import Path

from jedgebot.checks import Project
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
