"""What SQLite cannot do without a loss is refused, and leaves the database as it was."""

import pytest
from alembic import command
from sqlalchemy.exc import IntegrityError

from backend.core.engine import make_engine
from backend.core.migrations import MigrationError
from backend.core.migrations.sqlite_rebuild import Rebuild
from tests.migrations.catalogue import catalogue, rows, run
from tests.migrations.project import Project, batch

_TRIGGER = [
    "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT)",
    "CREATE TABLE log (x)",
    "CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log VALUES (1); END",
]

REFUSED = {
    "a view reads the dropped column": (
        [
            "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT UNIQUE)",
            "CREATE VIEW v AS SELECT a FROM t",
        ],
        "batch.drop_column('a')",
        "still uses a of t",
    ),
    "a trigger reads the dropped column": (
        [
            "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT UNIQUE)",
            "CREATE TABLE log (x)",
            "CREATE TRIGGER r AFTER INSERT ON log BEGIN UPDATE t SET a = 1; END",
        ],
        "batch.drop_column('a')",
        "Trigger r uses a of t",
    ),
    "a trigger writes a column that SQLite itself would drop": (
        [
            "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT)",
            "CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET a = 1; END",
        ],
        "batch.drop_column('a')",
        "Trigger r uses a of t",
    ),
    "another table refers to the dropped column": (
        [
            "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT UNIQUE)",
            "CREATE TABLE c (a INT REFERENCES t (a))",
        ],
        "batch.drop_column('a')",
        "still uses a of t",
    ),
    "an index is about two columns": (
        [
            "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, b INT)",
            "CREATE UNIQUE INDEX i ON t (b, a)",
        ],
        "batch.drop_column('a')",
        "Index i also uses b",
    ),
    "there is no such constraint": (
        ["CREATE TABLE t (id INTEGER PRIMARY KEY, a INT)"],
        "batch.drop_constraint('ghost', type_='unique')",
        "no constraint 'ghost'",
    ),
    "there is no such column": (
        ["CREATE TABLE t (id INTEGER PRIMARY KEY, a INT)"],
        "batch.alter_column('ghost', nullable=False)",
        "no column 'ghost'",
    ),
    "the table is virtual": (
        ["CREATE VIRTUAL TABLE t USING fts5(a)"],
        "batch.alter_column('a', nullable=False)",
        "not understood",
    ),
    "the primary key would be lost to its children": (
        [
            "CREATE TABLE t (id INT, a INT, CONSTRAINT pk PRIMARY KEY (id))",
            "CREATE TABLE c (t INT REFERENCES t (id))",
            "INSERT INTO t VALUES (1, 1)",
            "INSERT INTO c VALUES (1)",
        ],
        "batch.drop_constraint('pk', type_='primary')",
        "refers to no unique column",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_change_that_would_break_something_is_refused(
    project: Project, sqlite_url: str, case: str
) -> None:
    statements, operation, message = REFUSED[case]
    run(sqlite_url, *statements)
    before = catalogue(sqlite_url)
    project.revision("r1", batch("t", operation))
    with pytest.raises(MigrationError, match=message):
        project.upgrade(sqlite_url)
    assert catalogue(sqlite_url) == before


def test_a_row_that_does_not_fit_stops_the_rebuild(project: Project, sqlite_url: str) -> None:
    run(
        sqlite_url,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT)",
        "INSERT INTO t VALUES (1, NULL)",
    )
    before = catalogue(sqlite_url)
    project.revision("r1", batch("t", "batch.alter_column('a', nullable=False)"))
    with pytest.raises(IntegrityError):
        project.upgrade(sqlite_url)
    assert catalogue(sqlite_url) == before


def test_a_row_that_a_conflict_clause_would_drop_stops_the_rebuild(
    project: Project, sqlite_url: str
) -> None:
    run(
        sqlite_url, "CREATE TABLE t (id INTEGER, a INT NULL)", "INSERT INTO t VALUES (1, 5), (2, 5)"
    )
    project.revision(
        "r1",
        "from sqlalchemy import UniqueConstraint\n"
        + batch("t", "batch.create_unique_constraint('u', ['a'], sqlite_on_conflict='REPLACE')"),
    )
    with pytest.raises(MigrationError, match="left 1 of 2 rows in t"):
        project.upgrade(sqlite_url)
    assert rows(sqlite_url, "SELECT * FROM t") == [(1, 5), (2, 5)]


def test_whatever_a_rebuild_loses_it_notices(
    project: Project, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(sqlite_url, *_TRIGGER)
    before = catalogue(sqlite_url)
    monkeypatch.setattr(Rebuild, "_triggers", lambda _rebuild: [])
    project.revision("r1", batch("t", "batch.alter_column('a', nullable=False)"))
    with pytest.raises(MigrationError, match="Rebuilding t changed tr"):
        project.upgrade(sqlite_url)
    assert catalogue(sqlite_url) == before


def test_a_table_that_others_refer_to_is_not_dropped(project: Project, sqlite_url: str) -> None:
    run(
        sqlite_url, "CREATE TABLE t (id INTEGER PRIMARY KEY)", "CREATE TABLE c (t INT REFERENCES T)"
    )
    project.revision("r1", "op.drop_table('t')")
    with pytest.raises(MigrationError, match="referred to by c"):
        project.upgrade(sqlite_url)


@pytest.mark.parametrize(
    "option",
    [
        "recreate='always'",
        "table_args=(sa.CheckConstraint('a > 1'),)",
        "copy_from=sa.Table('t', sa.MetaData(), sa.Column('a', sa.Integer()))",
    ],
)
def test_alembics_own_copying_is_never_used(project: Project, sqlite_url: str, option: str) -> None:
    run(sqlite_url, "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT)")
    project.revision(
        "r1",
        f"with op.batch_alter_table('t', {option}) as batch:\n"
        "    batch.alter_column('a', nullable=False)",
    )
    with pytest.raises(MigrationError, match="does without"):
        project.upgrade(sqlite_url)


def test_no_rebuild_in_a_transaction_whose_foreign_keys_act(
    project: Project, sqlite_url: str
) -> None:
    run(
        sqlite_url,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT)",
        "CREATE TABLE c (t INT REFERENCES t ON DELETE CASCADE)",
        "INSERT INTO t VALUES (1, 1)",
        "INSERT INTO c VALUES (1)",
    )
    project.revision("r1", batch("t", "batch.alter_column('a', nullable=False)"))
    engine = make_engine(sqlite_url)
    config = project.config(sqlite_url)
    with engine.connect() as connection:
        connection.begin()
        config.attributes["connection"] = connection
        with pytest.raises(MigrationError, match="foreign_keys is ON"):
            command.upgrade(config, "head")
    engine.dispose()
    assert rows(sqlite_url, "SELECT * FROM c") == [(1,)]
