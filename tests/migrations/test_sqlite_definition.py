"""Reading and changing the text of a SQLite table."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.migrations.errors import CannotRebuild
from backend.core.migrations.sqlite_definition import TableDefinition

# Everything that the grammar of CREATE TABLE allows, in the spellings that people use.
EVERYTHING = """CREATE TABLE "odd ""table" -- a comment, with a comma
(
  id INTEGER CONSTRAINT "the key" PRIMARY KEY ASC ON CONFLICT ABORT AUTOINCREMENT,
  [na,me] VARCHAR(80) COLLATE NOCASE NOT NULL DEFAULT 'a,(b''', /* why, oh why */
  `check` TEXT CHECK ("check" <> ')' AND length(`check`) > 1) UNIQUE ON CONFLICT REPLACE,
  amount DECIMAL(10, 2) DEFAULT -1.5e-3 CONSTRAINT positive CHECK (amount > -2),
  parent INT DEFAULT NULL REFERENCES "odd ""table"(id) ON DELETE SET NULL ON UPDATE NO ACTION
      MATCH FULL NOT DEFERRABLE INITIALLY IMMEDIATE,
  blob_ BLOB DEFAULT x'00ff', when_ DEFAULT CURRENT_TIMESTAMP, plain,
  twice INT GENERATED ALWAYS AS (amount * 2) STORED, thrice AS (amount * 3),
  calculated TEXT DEFAULT (lower('A') || ')') NULL,
  CONSTRAINT pair UNIQUE ("na,me", amount) ON CONFLICT FAIL
  CONSTRAINT up FOREIGN KEY (parent) REFERENCES "odd ""table" (id)
      ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  CHECK (amount <> 17), UNIQUE (plain)
) STRICT"""

NAMES = [
    "id", "na,me", "check", "amount", "parent", "blob_", "when_", "plain", "twice", "thrice",
    "calculated",
]  # fmt: skip


def test_every_part_of_the_grammar_is_read() -> None:
    definition = TableDefinition(EVERYTHING)
    assert [column.name for column in definition.columns] == NAMES
    assert [constraint.name for constraint in definition.constraints] == ["pair", "up", None, None]
    kinds = {
        column.name: [clause.kind for clause in column.clauses] for column in definition.columns
    }
    assert kinds["na,me"] == ["COLLATE", "NOT NULL", "DEFAULT"]
    assert kinds["parent"] == ["DEFAULT", "REFERENCES"]
    assert kinds["twice"] == kinds["thrice"] == ["GENERATED"]
    assert definition.column("amount").type_name == "DECIMAL(10, 2)"
    assert definition.column("PLAIN").type_name == ""


def test_the_columns_are_those_that_sqlite_reads() -> None:
    text = EVERYTHING.replace("STRICT", "")
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(text)
        (stored,) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE type = 'table'"
        ).fetchone()
        read = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM pragma_table_xinfo(?)", ['odd "table']
            )
        ]
    assert [column.name for column in TableDefinition(stored).columns] == read


@pytest.mark.parametrize(
    "text",
    [
        "CREATE VIRTUAL TABLE t USING fts5(x)",
        "CREATE TABLE t (a INT, b INT",
        "CREATE TABLE t (a INT WHATEVER (3) NOT)",
        "CREATE TABLE t (a INT CHECK a > 1)",
        "CREATE TABLE t (a INT REFERENCES p ON DELETE EXPLODE)",
    ],
)
def test_what_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(CannotRebuild, match="not understood"):
        _ = TableDefinition(text).columns


def test_a_comment_never_swallows_what_is_put_behind_it() -> None:
    definition = TableDefinition("CREATE TABLE t (a INT, -- first\n b INT -- last\n)")
    changed = definition.add_column("c INT").add_constraint("UNIQUE (a)").drop_column("b")
    changed = changed.set_nullable("a", nullable=False)
    assert columns_in_sqlite(changed.text) == ["a INT NOT NULL", "c INT"]


def test_a_clause_goes_without_the_comment_before_it() -> None:
    definition = TableDefinition("CREATE TABLE t (a INT -- why\n NOT NULL, b INT)")
    changed = definition.set_nullable("a", nullable=True)
    assert columns_in_sqlite(changed.text) == ["a INT", "b INT"]
    assert "-- why" in changed.text


def test_nullable_default_and_type_change_in_their_place() -> None:
    definition = TableDefinition("CREATE TABLE t (a VARCHAR(5) DEFAULT 'x' COLLATE NOCASE, b)")
    changed = definition.set_nullable("a", nullable=False).set_type("a", "TEXT")
    assert changed.text == "CREATE TABLE t (a TEXT DEFAULT 'x' NOT NULL COLLATE NOCASE, b)"
    changed = changed.set_default("a", None).set_default("b", "(1 + 1)").set_type("b", "INT")
    assert changed.text == (
        "CREATE TABLE t (a TEXT NOT NULL COLLATE NOCASE, b INT DEFAULT (1 + 1))"
    )
    assert changed.set_nullable("a", nullable=False) == changed


def test_a_constraint_is_dropped_wherever_it_stands() -> None:
    definition = TableDefinition(
        "CREATE TABLE t (a INT CONSTRAINT here CHECK (a > 1), CONSTRAINT there UNIQUE (a))"
    )
    assert definition.drop_constraint("here").text == (
        "CREATE TABLE t (a INT, CONSTRAINT there UNIQUE (a))"
    )
    assert definition.drop_constraint("there").text == (
        "CREATE TABLE t (a INT CONSTRAINT here CHECK (a > 1))"
    )
    with pytest.raises(CannotRebuild, match="no constraint 'ghost'"):
        definition.drop_constraint("ghost")
    with pytest.raises(CannotRebuild, match="more than one constraint 'here'"):
        definition.add_constraint("CONSTRAINT here CHECK (a < 9)").drop_constraint("here")


def test_a_column_takes_along_only_what_is_about_it_alone() -> None:
    definition = TableDefinition(
        "CREATE TABLE t (a INT, b INT, UNIQUE (b), CHECK (b IN (1, 2)), CONSTRAINT f"
        " FOREIGN KEY (b) REFERENCES p (a))"
    )
    assert definition.drop_column("b").text == "CREATE TABLE t (a INT)"


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE t (a INT, b INT, UNIQUE (a, b))",
        "CREATE TABLE t (a INT, b INT, CHECK (a < b))",
        "CREATE TABLE t (a INT, b INT, PRIMARY KEY (a, b))",
        "CREATE TABLE t (a INT CHECK (a < b), b INT)",
        "CREATE TABLE t (a INT AS (b + 1), b INT)",
        "CREATE TABLE t (b INT)",
    ],
)
def test_a_column_that_something_else_needs_stays(text: str) -> None:
    with pytest.raises(CannotRebuild):
        TableDefinition(text).drop_column("b")


@pytest.mark.parametrize("change", ["set_default", "set_type"])
def test_a_generated_column_is_not_changed(change: str) -> None:
    definition = TableDefinition("CREATE TABLE t (a INT, b INT AS (a + 1))")
    with pytest.raises(CannotRebuild, match="generated"):
        getattr(definition, change)("b", "1")


COLUMNS = st.lists(
    st.sampled_from(
        [
            "{} INTEGER NOT NULL",
            "{} VARCHAR(80) COLLATE NOCASE",
            "{} TEXT DEFAULT 'a,b)' NOT NULL",
            "{} NUMERIC(10, 2) CHECK ({} > 0)",
            "{} INT REFERENCES p(id) ON DELETE SET DEFAULT",
            "{} INT -- comment, with a comma\n",
        ]
    ),
    min_size=1,
    max_size=6,
)


@given(COLUMNS, st.sampled_from(["", "CONSTRAINT q UNIQUE (c0)", "CHECK (c0 <> ')')"]))
def test_what_is_added_and_dropped_again_leaves_no_trace(columns: list[str], rest: str) -> None:
    lines = [line.replace("{}", f"c{number}") for number, line in enumerate(columns)]
    lines += [rest] if rest else []
    definition = TableDefinition(f"CREATE TABLE t ({', '.join(lines)})")
    assert definition.add_column("extra INT").drop_column("extra") == definition
    named = definition.add_constraint("CONSTRAINT extra CHECK (1)")
    assert named.drop_constraint("extra") == definition
    not_null = definition.set_nullable("c0", nullable=False)
    assert "NOT NULL" in not_null.text
    assert columns_in_sqlite(not_null.text)


def columns_in_sqlite(text: str) -> list[str]:
    """The columns with their types as SQLite itself reads them."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(text)
        query = "SELECT name, type, \"notnull\" FROM pragma_table_xinfo('t')"
        return [
            f"{name} {type_}{' NOT NULL' if not_null else ''}".strip()
            for name, type_, not_null in connection.execute(query)
        ]
