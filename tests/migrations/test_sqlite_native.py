"""What SQLite can alter itself is altered by it: no row is copied."""

import pytest

from tests.migrations.catalogue import catalogue, rows, run
from tests.migrations.project import Project

TABLE = (
    "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a INT, b TEXT COLLATE NOCASE,"
    " g INT AS (a + 1), CONSTRAINT c CHECK (id > 0))"
)
SURROUNDINGS = [
    "CREATE UNIQUE INDEX i ON t (lower(b) DESC) WHERE id > 1",
    "CREATE VIEW v AS SELECT id, g FROM t",
    "CREATE TABLE c (t INT REFERENCES t ON DELETE CASCADE)",
]

NATIVE = {
    "add a column": (
        "add_column({}sa.Column('n', sa.String(9)))",
        ("CONSTRAINT c", "n VARCHAR(9), CONSTRAINT c"),
    ),
    "add a column with a default": (
        "add_column({}sa.Column('n', sa.Integer(), server_default='7', nullable=False))",
        ("CONSTRAINT c", "n INTEGER DEFAULT '7' NOT NULL, CONSTRAINT c"),
    ),
    "rename a column": (
        "alter_column({}'a', new_column_name='z')",
        ("a INT, b TEXT COLLATE NOCASE, g INT AS (a", "z INT, b TEXT COLLATE NOCASE, g INT AS (z"),
    ),
    "drop a column": ("drop_column({}'x')", (" x INT,", "")),
    "rename the table": ("", ("TABLE t ", 'TABLE "t2" ')),
}


@pytest.mark.parametrize("form", ["in a batch", "alone"])
@pytest.mark.parametrize("case", NATIVE)
def test_no_rebuild_where_sqlite_alters(
    project: Project, sqlite_url: str, statements: list[str], case: str, form: str
) -> None:
    operation, change = NATIVE[case]
    table = TABLE.replace("CONSTRAINT c", "x INT, CONSTRAINT c")
    run(
        sqlite_url, table, *SURROUNDINGS, "INSERT INTO t (id, a, b) VALUES (1, 2, 'B'), (5, 6, 'C')"
    )
    run(sqlite_url, "INSERT INTO c VALUES (1), (5)")
    page = page_of(sqlite_url, "t")
    if case == "rename the table":
        body = "op.rename_table('t', 't2')"
    elif form == "alone":
        body = "op." + operation.format("'t', ")
    else:
        body = f"with op.batch_alter_table('t') as batch:\n    batch.{operation.format('')}"
    project.revision("r1", body)
    statements.clear()
    project.upgrade(sqlite_url)
    assert not [text for text in statements if "_alembic_tmp" in text]
    name = "t2" if case == "rename the table" else "t"
    assert page_of(sqlite_url, name) == page, "the table still lies where it lay"
    assert rows(sqlite_url, "SELECT count(*) FROM c") == [(2,)]
    assert rows(sqlite_url, "SELECT g FROM v ORDER BY id") == [(3,), (7,)]
    found = {item[1]: item[3] for item in catalogue(sqlite_url)}
    assert found[name] == table.replace(*change)
    assert {"i", "v", "c"} <= set(found)


def page_of(url: str, table: str) -> object:
    pages = rows(url, "SELECT name, rootpage FROM sqlite_master WHERE type = 'table'")
    return {name: page for name, page in pages}[table]  # noqa: C416 - dict() loses the types


@pytest.mark.parametrize(
    "column",
    [
        "sa.Column('n', sa.DateTime(), server_default=sa.text('CURRENT_TIMESTAMP'))",
        "sa.Column('n', sa.Integer(), sa.Computed('id + 1', persisted=True))",
        "sa.Column('n', sa.String(3), sa.ForeignKey('c.t', name='fk'))",
    ],
)
def test_a_column_that_sqlite_cannot_add_is_added_all_the_same(
    project: Project, sqlite_url: str, column: str
) -> None:
    run(sqlite_url, TABLE, *SURROUNDINGS[:2], "INSERT INTO t (id, a) VALUES (1, 2)")
    run(sqlite_url, "CREATE TABLE c (t VARCHAR(3) PRIMARY KEY)")
    project.revision(
        "r1", f"with op.batch_alter_table('t') as batch:\n    batch.add_column({column})"
    )
    project.upgrade(sqlite_url)
    assert rows(sqlite_url, "SELECT id, a, g, n IS NULL FROM t")[0][:3] == (1, 2, 3)


def test_a_column_with_its_own_index_and_constraints_is_dropped(
    project: Project, sqlite_url: str
) -> None:
    run(
        sqlite_url,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT NOT NULL, UNIQUE (a),"
        " CONSTRAINT k CHECK (a IN (1, 2)))",
        "CREATE INDEX i ON t (a DESC)",
        "CREATE INDEX j ON t (id)",
        "INSERT INTO t VALUES (1, 2)",
    )
    project.revision("r1", "op.drop_column('t', 'a')")
    project.upgrade(sqlite_url)
    found = {item[1]: item[3] for item in catalogue(sqlite_url) if item[0] in ("table", "index")}
    assert found["t"] == "CREATE TABLE t (id INTEGER PRIMARY KEY)"
    assert "i" not in found
    assert "j" in found


def test_batches_can_be_written_out(project: Project, sqlite_url: str) -> None:
    project.revision(
        "r1",
        "op.create_table('t', sa.Column('id', sa.Integer(), primary_key=True))\n"
        "with op.batch_alter_table('t') as batch:\n"
        "    batch.add_column(sa.Column('a', sa.Integer()))\n"
        "    batch.alter_column('a', new_column_name='b')\n"
        "    batch.drop_column('b')\n",
    )
    output = project.alembic(sqlite_url, "upgrade", "head", "--sql")
    assert "ALTER TABLE t ADD COLUMN a INTEGER;" in output
    assert "ALTER TABLE t RENAME COLUMN a TO b;" in output
    assert "ALTER TABLE t DROP COLUMN b;" in output


def test_a_rebuild_cannot_be_written_out(project: Project, sqlite_url: str) -> None:
    project.revision("r1", "op.alter_column('t', 'a', nullable=False)")
    process = project.start(sqlite_url, "upgrade", "head", "--sql")
    output, _ = process.communicate()
    assert process.returncode != 0
    assert "cannot be written out with --sql" in output
    assert "Traceback" not in output
