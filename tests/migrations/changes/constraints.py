"""Changes of keys, constraints and of the table itself."""

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Sequence,
    Table,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.schema import SchemaItem

from tests.migrations.changes.change import (
    BOTH,
    POSTGRESQL,
    SQLITE,
    Build,
    Change,
    change,
    options,
)

Constraint = tuple[type[SchemaItem], tuple[Any, ...], dict[str, Any]]


def replaced(
    name: str,
    before: Constraint | None,
    after: Constraint | None,
    databases: tuple[str, ...] = BOTH,
) -> Change:
    """One constraint in the place of another, on the columns a and b."""

    def items(one: Constraint | None) -> list[SchemaItem]:
        made = [] if one is None else [one[0](*one[1], **one[2])]
        return [Column("a", Integer), Column("b", Integer), *made]

    return change(name, lambda: items(before), lambda: items(after), databases)


def check(condition: str = "a > 0", name: str | None = "ck") -> Constraint:
    return CheckConstraint, (condition,), {"name": name}


def unique(*columns: str, name: str | None = "uq", **words: Any) -> Constraint:
    return UniqueConstraint, (*columns,), {"name": name, **words}


def foreign(target: str = "p.id", *, name: str | None = "fk", **words: Any) -> Constraint:
    return ForeignKeyConstraint, (["a"], [target]), {"name": name, **words}


def exclude(operator: str = "=") -> Constraint:
    return ExcludeConstraint, (("a", operator),), {"name": "ex", "using": "btree"}


CHECKS = [
    replaced("CHECK added", None, check()),
    replaced("CHECK dropped", check(), None),
    replaced("CHECK: text under the same name", check(), check("a > 1")),
    replaced("CHECK: another name", check(), check(name="other")),
    replaced("CHECK without a name added", None, check(name=None)),
    replaced("CHECK without a name dropped", check(name=None), None),
    replaced("CHECK without a name: text", check(name=None), check("a > 1", None)),
]

UNIQUE = [
    replaced("UNIQUE added", None, unique("a")),
    replaced("UNIQUE dropped", unique("a"), None),
    replaced("UNIQUE without a name added", None, unique("a", name=None)),
    replaced("UNIQUE without a name dropped", unique("a", name=None), None),
    replaced("UNIQUE: columns", unique("a"), unique("a", "b")),
    replaced("UNIQUE: order of the columns", unique("b", "a"), unique("a", "b")),
    replaced("UNIQUE: another name", unique("a"), unique("a", name="other")),
    replaced("UNIQUE: deferrable", unique("a"), unique("a", deferrable=True), POSTGRESQL),
    replaced(
        "UNIQUE: initially deferred",
        unique("a", deferrable=True),
        unique("a", deferrable=True, initially="DEFERRED"),
        POSTGRESQL,
    ),
    replaced(
        "UNIQUE: nulls not distinct",
        unique("a"),
        unique("a", postgresql_nulls_not_distinct=True),
        POSTGRESQL,
    ),
    replaced(
        "UNIQUE: included columns", unique("a"), unique("a", postgresql_include=["b"]), POSTGRESQL
    ),
    replaced("UNIQUE: on conflict", unique("a"), unique("a", sqlite_on_conflict="IGNORE"), SQLITE),
]

FOREIGN_KEYS = [
    replaced("foreign key added", None, foreign()),
    replaced("foreign key dropped", foreign(), None),
    replaced("foreign key without a name added", None, foreign(name=None)),
    replaced("foreign key without a name dropped", foreign(name=None), None),
    replaced("foreign key: table", foreign(), foreign("q.id")),
    replaced("foreign key: column", foreign(), foreign("p.u")),
    replaced("foreign key: ondelete added", foreign(), foreign(ondelete="CASCADE")),
    replaced(
        "foreign key: ondelete changed", foreign(ondelete="CASCADE"), foreign(ondelete="SET NULL")
    ),
    replaced("foreign key: onupdate", foreign(), foreign(onupdate="CASCADE")),
    replaced("foreign key: deferrable", foreign(), foreign(deferrable=True)),
    replaced(
        "foreign key: initially deferred",
        foreign(deferrable=True),
        foreign(deferrable=True, initially="DEFERRED"),
    ),
    replaced("foreign key: match", foreign(), foreign(match="FULL")),
    replaced("foreign key: another name", foreign(), foreign(name="other")),
]


def key(*columns: str, name: str | None = "pk", **words: Any) -> Build:
    def build(metadata: MetaData) -> None:
        made = [Column(one, Integer, nullable=False, autoincrement=False) for one in ("a", "b")]
        constraint = [PrimaryKeyConstraint(*columns, name=name, **words)] if columns else []
        Table("t", metadata, *made, *constraint)

    return build


PRIMARY_KEYS = [
    Change("primary key: columns", key("a"), key("a", "b")),
    Change("primary key: order of the columns", key("a", "b"), key("b", "a")),
    Change("primary key: another column", key("a"), key("b")),
    Change("primary key dropped", key("a"), key()),
    Change("primary key added", key(), key("a")),
    Change("primary key: another name", key("a"), key("a", name="other")),
    Change("primary key: deferrable", key("a"), key("a", deferrable=True), POSTGRESQL),
]

EXCLUDES = [
    replaced("EXCLUDE added", None, exclude(), POSTGRESQL),
    replaced("EXCLUDE dropped", exclude(), None, POSTGRESQL),
]


def with_sequence(**words: Any) -> Build:
    return lambda metadata: Sequence("s", metadata=metadata, **words)


def commented(comment: str | None) -> Build:
    return lambda metadata: Table(
        "t", metadata, Column("id", Integer, primary_key=True), comment=comment
    )


OTHERS = [
    Change("sequence added", lambda metadata: None, with_sequence(), POSTGRESQL),
    Change("sequence dropped", with_sequence(), lambda metadata: None, POSTGRESQL),
    Change("sequence: increment", with_sequence(), with_sequence(increment=5), POSTGRESQL),
    Change(
        "comment of a table",
        commented(None),
        commented("x"),
        same_on=(("sqlite", "it has no comments"),),
    ),
    options("UNLOGGED", {}, {"prefixes": ["UNLOGGED"]}, POSTGRESQL),
    options("fillfactor", {}, {"postgresql_with": {"fillfactor": 50}}, POSTGRESQL),
    options("inherits", {}, {"postgresql_inherits": "base"}, POSTGRESQL),
    options("partitioned", {}, {"postgresql_partition_by": "HASH (id)"}, POSTGRESQL),
    options(
        "partitioned otherwise",
        {"postgresql_partition_by": "HASH (id)"},
        {"postgresql_partition_by": "RANGE (id)"},
        POSTGRESQL,
    ),
    options("AUTOINCREMENT", {}, {"sqlite_autoincrement": True}, SQLITE),
    options("AUTOINCREMENT no more", {"sqlite_autoincrement": True}, {}, SQLITE),
    options("STRICT", {}, {"sqlite_strict": True}, SQLITE),
    options("WITHOUT ROWID", {}, {"sqlite_with_rowid": False}, SQLITE),
]

CHANGES = [*CHECKS, *UNIQUE, *FOREIGN_KEYS, *PRIMARY_KEYS, *EXCLUDES, *OTHERS]
