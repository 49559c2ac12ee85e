"""A rebuild on SQLite loses nothing: every property that Alembic's own copying loses is here."""

import sqlite3
from contextlib import closing

import pytest

from tests.migrations.catalogue import catalogue, rows, run
from tests.migrations.project import Project, batch

# name: the statements that make table t and what belongs to it
PROPERTIES = {
    "plain": ["CREATE TABLE t (id INTEGER PRIMARY KEY, a INT)"],
    "AUTOINCREMENT": ["CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a INT)"],
    "COLLATE": ["CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, b TEXT COLLATE NOCASE)"],
    "STRICT": ["CREATE TABLE t (id INTEGER PRIMARY KEY, a INT) STRICT"],
    "WITHOUT ROWID": ["CREATE TABLE t (id INTEGER PRIMARY KEY, a INT) WITHOUT ROWID"],
    "ON CONFLICT": [
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, UNIQUE (id, a) ON CONFLICT FAIL)"
    ],
    "anonymous CHECK": ["CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, CHECK (id > 0))"],
    "CHECK of a column": ["CREATE TABLE t (id INTEGER PRIMARY KEY CHECK (id > 0), a INT)"],
    "named CHECK": ["CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, CONSTRAINT c CHECK (id > 0))"],
    "generated column": [
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, v INT AS (id + 1), s INT AS (id) STORED)"
    ],
    "inline REFERENCES": [
        "CREATE TABLE p (id INTEGER PRIMARY KEY)",
        "INSERT INTO p VALUES (1)",
        """CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, p INT REFERENCES p
           ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED)""",
    ],
    "self reference": [
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, up INT REFERENCES t (id) ON DELETE CASCADE)"
    ],
    "expression index": [
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT)",
        "CREATE UNIQUE INDEX i ON t (abs(id), lower(a))",
    ],
    "DESC index": [
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT)",
        "CREATE INDEX i ON t (id DESC, a COLLATE NOCASE)",
    ],
    "partial index": [
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT)",
        "CREATE INDEX i ON t (id) WHERE a > 1",
    ],
    "trigger": [
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT)",
        "CREATE TABLE log (x)",
        "CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log VALUES (':id'); END",
        "CREATE TRIGGER other AFTER INSERT ON log BEGIN UPDATE t SET a = a; END",
    ],
    "view": [
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT)",
        "CREATE VIEW v AS SELECT id, a FROM t",
        "CREATE TRIGGER vt INSTEAD OF INSERT ON v BEGIN INSERT INTO t (a) VALUES (1); END",
    ],
    "comments and quotes": [
        'CREATE TABLE "t" ([id] INTEGER PRIMARY KEY, -- the key\n `a` INT /* , */)'
    ],
}

# name: (operation, what it does to the text of the table)
CHANGES = {
    "nullable": ("batch.alter_column('a', nullable=False)", "INT NOT NULL"),
    "default": ("batch.alter_column('a', server_default='3')", "INT DEFAULT '3'"),
    "type": ("batch.alter_column('a', type_=sa.BIGINT())", "BIGINT"),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", PROPERTIES)
def test_a_rebuild_changes_nothing_but_what_is_asked(
    project: Project, sqlite_url: str, name: str, change: str
) -> None:
    if (name, change) == ("STRICT", "type"):
        pytest.skip("STRICT knows no BIGINT")
    run(sqlite_url, *PROPERTIES[name], "INSERT INTO t (id, a) VALUES (1, 10), (7, 20)")
    before, data = catalogue(sqlite_url), rows(sqlite_url, "SELECT * FROM t")
    operation, text = CHANGES[change]
    project.revision("r1", batch("t", operation))
    project.upgrade(sqlite_url)
    expected = [
        (kind, item, table, sql.replace("a INT", f"a {text}").replace("`a` INT", f"`a` {text}"))
        if (kind, item) == ("table", "t")
        else (kind, item, table, sql)
        for kind, item, table, sql in before
    ]
    assert without_versions(catalogue(sqlite_url)) == expected
    assert rows(sqlite_url, "SELECT * FROM t") == data


def without_versions(found: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return [item for item in found if "alembic_version" not in item and item[0] != "version"]


@pytest.mark.parametrize("foreign_keys", ["ON", "OFF"])
def test_no_row_that_refers_to_the_table_is_lost(
    project: Project, sqlite_url: str, foreign_keys: str
) -> None:
    run(
        sqlite_url,
        f"PRAGMA foreign_keys = {foreign_keys}",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, a INT)",
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p INT REFERENCES p ON DELETE CASCADE)",
        "CREATE TABLE d (c INT REFERENCES c ON DELETE CASCADE, p INT REFERENCES p)",
        "INSERT INTO p VALUES (1, 1), (2, 2)",
        "INSERT INTO c VALUES (10, 1), (11, 1), (12, 2)",
        "INSERT INTO d VALUES (10, NULL), (12, 2)",
    )
    project.revision("r1", batch("p", "batch.alter_column('a', nullable=False)"))
    project.upgrade(sqlite_url)
    assert rows(sqlite_url, "SELECT * FROM c") == [(10, 1), (11, 1), (12, 2)]
    assert rows(sqlite_url, "SELECT * FROM d") == [(10, None), (12, 2)]
    run(sqlite_url, "DELETE FROM p WHERE id = 1")
    assert rows(sqlite_url, "SELECT * FROM c") == [(12, 2)], "the key acts again afterwards"


def test_an_id_is_never_given_twice(project: Project, sqlite_url: str) -> None:
    run(
        sqlite_url,
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a INT)",
        "INSERT INTO t (id, a) VALUES (1, 1), (99, 1)",
        "DELETE FROM t WHERE id = 99",
    )
    project.revision("r1", batch("t", "batch.alter_column('a', nullable=False)"))
    project.upgrade(sqlite_url)
    run(sqlite_url, "INSERT INTO t (a) VALUES (2)")
    assert rows(sqlite_url, "SELECT max(id) FROM t") == [(100,)]


def test_a_batch_rebuilds_once_and_keeps_its_order(
    project: Project, sqlite_url: str, statements: list[str]
) -> None:
    run(
        sqlite_url,
        "CREATE TABLE p (id INTEGER PRIMARY KEY)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, b INT, CONSTRAINT c CHECK (b > 0))",
        "INSERT INTO t VALUES (1, 2, 3)",
    )
    operations = [
        "batch.add_column(sa.Column('p', sa.Integer()))",
        "batch.drop_constraint(op.f('c'), type_='check')",
        "batch.drop_column('b')",
        "batch.alter_column('a', nullable=False)",
        "batch.create_foreign_key('fk', 'p', ['p'], ['id'], ondelete='CASCADE')",
        "batch.create_unique_constraint('u', ['a'])",
        "batch.create_check_constraint(op.f('k'), sa.column('a') > 1)",
        "batch.add_column(sa.Column('s', sa.String(3), server_default='x', nullable=False))",
        "batch.create_index('i', ['s', 'a'])",
        "batch.alter_column('a', new_column_name='z')",
    ]
    project.revision("r1", batch("t", *operations))
    project.upgrade(sqlite_url)
    assert sum(text.startswith('ALTER TABLE "t" RENAME TO') for text in statements) == 1
    assert rows(sqlite_url, "SELECT id, z, p, s FROM t") == [(1, 2, None, "x")]
    (sql,) = [item[3] for item in catalogue(sqlite_url) if item[:2] == ("table", "t")]
    assert " ".join(sql.split()) == (
        "CREATE TABLE t (id INTEGER PRIMARY KEY, z INT NOT NULL, p INTEGER,"
        " s VARCHAR(3) DEFAULT 'x' NOT NULL,"
        " CONSTRAINT fk FOREIGN KEY(p) REFERENCES p (id) ON DELETE CASCADE,"
        " CONSTRAINT u UNIQUE (z), CONSTRAINT k CHECK (z > 1))"
    )


def test_a_downgrade_brings_back_the_same_words(project: Project, sqlite_url: str) -> None:
    project.revision(
        "r1",
        "op.create_table('t', sa.Column('id', sa.Integer(), nullable=False),"
        " sa.Column('a', sa.String(9), server_default='x', nullable=True),"
        " sa.PrimaryKeyConstraint('id', name='pk_t'))\n"
        "op.create_index('i', 't', [sa.literal_column('lower(a)')], unique=True)",
    )
    project.revision(
        "r2",
        batch(
            "t",
            "batch.alter_column('a', nullable=False, server_default=None, type_=sa.Text())",
            "batch.create_unique_constraint('u', ['a'])",
            "batch.add_column(sa.Column('b', sa.Integer()))",
        ),
        batch(
            "t",
            "batch.drop_column('b')",
            "batch.drop_constraint('u', type_='unique')",
            "batch.alter_column('a', nullable=True, server_default='x', type_=sa.String(9))",
        ),
    )
    project.upgrade(sqlite_url, "r1")
    run(sqlite_url, "INSERT INTO t VALUES (1, 'one'), (2, 'two')")
    before = catalogue(sqlite_url)
    project.upgrade(sqlite_url)
    project.downgrade(sqlite_url, "r1")
    assert catalogue(sqlite_url) == before
    assert rows(sqlite_url, "SELECT * FROM t") == [(1, "one"), (2, "two")]


def test_a_constraint_and_a_column_change_outside_of_a_batch(
    project: Project, sqlite_url: str
) -> None:
    run(sqlite_url, "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT)", "INSERT INTO t VALUES (1, 2)")
    project.revision(
        "r1",
        "op.alter_column('t', 'a', nullable=False)\n"
        "op.create_check_constraint('k', 't', 'a > 1')\n"
        "op.add_column('t', sa.Column('b', sa.Enum('x', 'y', name='e', native_enum=False,"
        " create_constraint=True)))\n",
    )
    project.upgrade(sqlite_url)
    path = sqlite_url.removeprefix("sqlite:///")
    for values in [(2, None, None), (2, 1, None), (2, 3, "z")]:
        with closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.IntegrityError):
            connection.execute("INSERT INTO t VALUES (?, ?, ?)", values)
    assert rows(sqlite_url, "SELECT * FROM t") == [(1, 2, None)]
