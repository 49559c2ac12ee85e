"""Changes of indexes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Index, Integer, String, func, text
from sqlalchemy.schema import SchemaItem

from tests.migrations.changes.change import BOTH, POSTGRESQL, Change, change

Parts = Sequence[Any]


def replaced(
    name: str,
    before: tuple[Parts, dict[str, Any]] | None,
    after: tuple[Parts, dict[str, Any]] | None,
    databases: tuple[str, ...] = BOTH,
) -> Change:
    """One index in the place of another, on the columns a (a text), b and c (integers)."""

    def items(one: tuple[Parts, dict[str, Any]] | None) -> list[SchemaItem]:
        columns: list[SchemaItem] = [
            Column("a", String(9)),
            Column("b", Integer),
            Column("c", Integer),
        ]
        if one is None:
            return [*columns]
        words = dict(one[1])
        return [*columns, Index(words.pop("name", "ix"), *one[0], **words)]

    return change(name, lambda: items(before), lambda: items(after), databases)


def index(*parts: Any, **words: Any) -> tuple[Parts, dict[str, Any]]:
    return parts, words


LOWER, UPPER = text("lower(a)"), text("upper(a)")


def where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


CHANGES = [
    replaced("index added", None, index("a")),
    replaced("index dropped", index("a"), None),
    replaced("index: columns", index("a"), index("a", "b")),
    replaced("index: order of the columns", index("a", "b"), index("b", "a")),
    replaced("index: unique", index("a"), index("a", unique=True)),
    replaced("index: unique no more", index("a", unique=True), index("a")),
    replaced("index: another name", index("a"), index("a", name="other")),
    replaced("index on an expression added", None, index(LOWER)),
    replaced("index on an expression dropped", index(LOWER), None),
    replaced("index: expression", index(LOWER), index(UPPER)),
    replaced("index: column to expression", index("a"), index(LOWER)),
    replaced("index: expression to column", index(func.lower(text("a"))), index("a")),
    replaced("index: descending", index("b"), index(text("b DESC"))),
    replaced("index: condition added", index("a"), index("a", **where("b > 0"))),
    replaced("index: condition", index("a", **where("b > 0")), index("a", **where("b > 1"))),
    replaced("index: condition dropped", index("a", **where("b > 0")), index("a")),
    replaced("index: collation", index("a"), index(text('a COLLATE "C"')), POSTGRESQL),
    replaced(
        "index: collation on SQLite", index("a"), index(text("a COLLATE NOCASE")), ("sqlite",)
    ),
    replaced("index: nulls first", index("b"), index(text("b NULLS FIRST")), POSTGRESQL),
    replaced(
        "index: included columns", index("a"), index("a", postgresql_include=["b"]), POSTGRESQL
    ),
    replaced("index: method", index("a"), index("a", postgresql_using="hash"), POSTGRESQL),
    replaced(
        "index: operator class",
        index("a"),
        index("a", postgresql_ops={"a": "varchar_pattern_ops"}),
        POSTGRESQL,
    ),
    replaced(
        "index: storage", index("a"), index("a", postgresql_with={"fillfactor": 50}), POSTGRESQL
    ),
    replaced(
        "index: nulls not distinct",
        index("a", unique=True),
        index("a", unique=True, postgresql_nulls_not_distinct=True),
        POSTGRESQL,
    ),
]
