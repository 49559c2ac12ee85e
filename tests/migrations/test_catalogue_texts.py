"""Statements that are known to say the same without being read."""

import pytest
from sqlalchemy import (
    CheckConstraint,
    Column,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    create_engine,
)

from jedgebot.migrations.catalogue import Catalogue, compare, modelled, modelled_since, read
from jedgebot.migrations.catalogue.arranging import arranged

ID, NAME = "id INTEGER", "name TEXT DEFAULT 'a, (b'"
FIRST, SECOND = 'CONSTRAINT "first" CHECK (id > 0)', "UNIQUE (name)"


def table(*parts: str, head: str = "CREATE TABLE t", tail: str = "") -> str:
    return head + " (\n\t" + ", \n\t".join(parts) + "\n)" + tail


def test_the_order_of_constraints_has_no_meaning() -> None:
    assert arranged(table(ID, NAME, FIRST, SECOND)) == arranged(table(ID, NAME, SECOND, FIRST))


@pytest.mark.parametrize(
    "other",
    [
        table(NAME, ID, FIRST, SECOND),
        table(ID, NAME, FIRST),
        table(ID, NAME, FIRST, SECOND, head="CREATE TABLE u"),
        table(ID, NAME, FIRST, SECOND, tail=" STRICT"),
        table(ID, NAME, FIRST, "UNIQUE (id)"),
        table(ID, f"{NAME} NOT NULL", FIRST, SECOND),
    ],
)
def test_everything_else_has(other: str) -> None:
    assert arranged(table(ID, NAME, FIRST, SECOND)) != arranged(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Each pair has the same parts in another order, cut where no part ends.
        (("a DEFAULT '", "CHECK', b DEFAULT '", "CHECKED'"), 1),
        (('a DEFAULT ""', "CHECK ((a > 1)", "CHECK (a > 2))"), 1),
        (("a --", "CHECK (1)", "CHECK (2)"), 1),
        (("a /*", "CHECK (1)", "CHECK (2) */"), 1),
        (("a [", "CHECK]", "CHECK (2)"), 1),
        (("a DEFAULT '\"' CHECK (\"", "CHECK (1)", 'CHECK (2)")'), 1),
    ],
)
def test_parts_are_not_cut_within_quotes_parentheses_and_comments(
    one: tuple[str, ...], other: int
) -> None:
    turned = (*one[:other], *reversed(one[other:]))
    assert arranged(table(*one)) == table(*one)
    assert arranged(table(*one)) != arranged(table(*turned))


def made(*statements: str) -> Catalogue:
    with create_engine("sqlite://").connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        return read(connection)


def test_tables_whose_texts_are_equal_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (made(table(ID, NAME, *some)) for some in ((FIRST, SECOND), (SECOND, FIRST)))
    further = made(table(ID, NAME, FIRST), "CREATE INDEX i ON t (name)")

    def refuse(_sql: str) -> None:
        raise AssertionError

    with monkeypatch.context() as patched:
        patched.setattr("jedgebot.migrations.catalogue.sqlite._table", refuse)
        assert compare(one, other, order=True) == []
    parts = {difference.part.partition(" ")[0] for difference in compare(one, further)}
    assert parts == {"index", "unnamed"}  # unnamed: the unique constraint


def test_what_new_tables_make_is_added_to_what_is_known() -> None:
    metadata = MetaData()
    Table("old", metadata, Column("id", Integer, primary_key=True))
    before = modelled(metadata)
    Table(
        "new",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("name", String(3), index=True),
        UniqueConstraint("name"),
        CheckConstraint("id > 0", name="positive"),
    )
    after = modelled_since(metadata, before, ["new"])
    assert compare(modelled(metadata), after, order=True) == []
    assert after.keys() == {"old", "new"}
