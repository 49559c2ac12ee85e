"""On SQLite no reference is broken by a revision, though no foreign key acts while it runs."""

import pytest

from backend.core.migrations import MigrationError
from backend.core.revisions import current
from tests.migrations.catalogue import rows, run
from tests.migrations.project import Project


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM t",
        "UPDATE t SET id = 7",
        "INSERT INTO c VALUES (5)",
        "WITH x AS (SELECT 1) DELETE FROM t",
        "REPLACE INTO c (rowid, t) VALUES (1, 5)",
    ],
)
def test_a_reference_that_a_revision_breaks_is_not_committed(
    project: Project, sqlite_url: str, statement: str
) -> None:
    run(
        sqlite_url,
        "CREATE TABLE t (id INTEGER PRIMARY KEY)",
        "CREATE TABLE c (t INT REFERENCES t ON DELETE CASCADE)",
        "INSERT INTO t VALUES (1)",
        "INSERT INTO c VALUES (1), (1)",
    )
    # One that breaks nothing comes before it, and one after it.
    project.revision("r0", "op.create_table('first', sa.Column('a', sa.Integer()))")
    project.revision("r1", f"op.execute({statement!r})")
    project.revision("r2", "op.create_table('last', sa.Column('a', sa.Integer()))")
    with pytest.raises(MigrationError, match=r"[12] from c to t"):
        project.upgrade(sqlite_url)
    assert rows(sqlite_url, "SELECT * FROM t") == [(1,)]
    assert current(sqlite_url) == {"r0"}


def test_a_revision_that_only_creates_reads_no_row(
    project: Project, sqlite_url: str, statements: list[str]
) -> None:
    project.revision(
        "r1",
        "op.create_table('t', sa.Column('a', sa.Integer()))\nop.create_index('i', 't', ['a'])",
    )
    project.revision("r2", "op.execute('INSERT INTO t VALUES (1)')")
    project.upgrade(sqlite_url, "r1")
    assert "PRAGMA foreign_key_check" not in statements
    project.upgrade(sqlite_url)
    assert "PRAGMA foreign_key_check" in statements
