"""Changes of columns: their presence, types, defaults, generation."""

from typing import Any

from sqlalchemy import (
    CHAR,
    JSON,
    BigInteger,
    Boolean,
    Column,
    Computed,
    Date,
    DateTime,
    Double,
    Enum,
    Float,
    Identity,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    Time,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, BIT, INTERVAL, JSONB, TIMESTAMP
from sqlalchemy.types import TypeEngine

from tests.migrations.changes.change import BOTH, POSTGRESQL, Change, change

_NO_ZONES = (("sqlite", "it has no time zones"),)
_NO_COMMENTS = (("sqlite", "it has no comments"),)
_NO_ENUMS = (("sqlite", "a native Enum is a text there, as long as its longest word"),)
_ONE_TYPE = (("postgresql", "both are double precision"),)


def _a(*args: Any, **words: Any) -> Column[Any]:
    return Column("a", *args, **words)


def retyped(
    name: str,
    before: TypeEngine[Any],
    after: TypeEngine[Any],
    databases: tuple[str, ...] = BOTH,
    same_on: tuple[tuple[str, str], ...] = (),
) -> Change:
    return change(name, lambda: [_a(before)], lambda: [_a(after)], databases, same_on=same_on)


def _words(*words: str) -> Enum:
    return Enum(*words, name="mood")


def _checked(*words: str) -> Enum:
    return Enum(*words, name="mood", native_enum=False, create_constraint=True)


PRESENCE = [
    Change(
        "table added",
        lambda metadata: None,
        lambda metadata: Table("t", metadata, Column("id", Integer, primary_key=True)),
    ),
    Change(
        "table dropped",
        lambda metadata: Table("t", metadata, Column("id", Integer, primary_key=True)),
        lambda metadata: None,
    ),
    Change(
        "table renamed",
        lambda metadata: Table("t", metadata, Column("id", Integer, primary_key=True)),
        lambda metadata: Table("s", metadata, Column("id", Integer, primary_key=True)),
    ),
    change("column added", list, lambda: [_a(Integer)]),
    change("column added without default, not null", list, lambda: [_a(Integer, nullable=False)]),
    change("column dropped", lambda: [_a(Integer)], list),
    change("column renamed", lambda: [_a(Integer)], lambda: [Column("b", Integer)]),
    change("null allowed", lambda: [_a(Integer, nullable=False)], lambda: [_a(Integer)]),
    change("null refused", lambda: [_a(Integer)], lambda: [_a(Integer, nullable=False)]),
]

TYPES = [
    retyped("String(50) to String(100)", String(50), String(100)),
    retyped("String(100) to String(50)", String(100), String(50)),
    retyped("String(50) to Text", String(50), Text()),
    retyped("String(50) to String()", String(50), String()),
    retyped("String() to String(50)", String(), String(50)),
    retyped("String(50) to CHAR(50)", String(50), CHAR(50)),
    retyped("Numeric(10, 2) to Numeric()", Numeric(10, 2), Numeric()),
    retyped("Numeric() to Numeric(10, 2)", Numeric(), Numeric(10, 2)),
    retyped("precision of a Numeric", Numeric(10, 2), Numeric(14, 2)),
    retyped("scale of a Numeric", Numeric(10, 2), Numeric(10, 4)),
    retyped("Integer to BigInteger", Integer(), BigInteger()),
    retyped("Integer to SmallInteger", Integer(), SmallInteger()),
    retyped("BigInteger to Integer", BigInteger(), Integer()),
    retyped("Numeric to Float", Numeric(10, 2), Float()),
    retyped("Float to Double", Float(), Double(), same_on=_ONE_TYPE),
    retyped("DateTime to Date", DateTime(), Date()),
    retyped("DateTime to Time", DateTime(), Time()),
    retyped("DateTime with a time zone", DateTime(), DateTime(timezone=True), same_on=_NO_ZONES),
    retyped("Integer to String", Integer(), String(20)),
    retyped("Boolean to Integer", Boolean(), Integer()),
    retyped("JSON to Text", JSON(), Text()),
    retyped("Uuid to String", Uuid(), String(36)),
    retyped("LargeBinary to Text", LargeBinary(), Text()),
    retyped("JSON to JSONB", JSON(), JSONB(), POSTGRESQL),
    retyped("element of an ARRAY", ARRAY(Integer), ARRAY(BigInteger), POSTGRESQL),
    retyped("precision of a TIMESTAMP", TIMESTAMP(), TIMESTAMP(precision=3), POSTGRESQL),
    retyped("length of a BIT", BIT(3), BIT(5), POSTGRESQL),
    retyped("fields of an INTERVAL", INTERVAL(), INTERVAL(fields="DAY TO SECOND"), POSTGRESQL),
    retyped("collation added", String(9), String(9, collation="C"), POSTGRESQL),
    retyped("collation changed", String(9, "C"), String(9, "POSIX"), POSTGRESQL),
    retyped("collation removed", String(9, "C"), String(9), POSTGRESQL),
    *(
        Change(f"{one.name} on SQLite", one.before, one.after, ("sqlite",))
        for one in (
            retyped("collation added", String(9), String(9, "NOCASE")),
            retyped("collation changed", String(9, "NOCASE"), String(9, "RTRIM")),
        )
    ),
]

ENUMS = [
    retyped("Enum: word added", _words("a", "b"), _words("a", "b", "c"), same_on=_NO_ENUMS),
    retyped("Enum: word removed", _words("a", "b", "c"), _words("a", "b"), same_on=_NO_ENUMS),
    retyped("Enum: word renamed", _words("a", "b"), _words("a", "x"), same_on=_NO_ENUMS),
    retyped("Enum: words in another order", _words("a", "b"), _words("b", "a"), same_on=_NO_ENUMS),
    retyped("Enum to String", _words("a", "b"), String(9)),
    change("Enum: column of a new one", list, lambda: [_a(_words("a", "b"))]),
    retyped("Enum: another one", _words("a", "b"), Enum("a", "b", name="m2"), same_on=_NO_ENUMS),
    retyped("Enum with a check: word of the same length", _checked("a", "b"), _checked("a", "c")),
    retyped("Enum with a check: word added", _checked("a", "b"), _checked("a", "b", "c")),
    retyped("Enum with a check: longer word", _checked("a", "b"), _checked("a", "bcd")),
    retyped("Enum with a check: words in another order", _checked("a", "b"), _checked("b", "a")),
]

DEFAULTS = [
    change("default added", lambda: [_a(Integer)], lambda: [_a(Integer, server_default="1")]),
    change(
        "default changed",
        lambda: [_a(Integer, server_default="1")],
        lambda: [_a(Integer, server_default="2")],
    ),
    change("default removed", lambda: [_a(Integer, server_default="1")], lambda: [_a(Integer)]),
    change(
        "default in another letter case",
        lambda: [_a(String(9), server_default="x")],
        lambda: [_a(String(9), server_default="X")],
    ),
    change(
        "default: value to function",
        lambda: [_a(DateTime, server_default=text("'2026-01-01'"))],
        lambda: [_a(DateTime, server_default=func.now())],
    ),
    change(
        "comment of a column added",
        lambda: [_a(Integer)],
        lambda: [_a(Integer, comment="x")],
        same_on=_NO_COMMENTS,
    ),
    change(
        "comment of a column changed",
        lambda: [_a(Integer, comment="x")],
        lambda: [_a(Integer, comment="y")],
        POSTGRESQL,
    ),
]


def _sum(expression: str = "id + 1", *, persisted: bool | None = True) -> Column[Any]:
    return _a(Integer, Computed(expression, persisted=persisted))


COMPUTED = [
    change("computed column added", list, lambda: [_sum()]),
    change("plain to computed", lambda: [_a(Integer)], lambda: [_sum()]),
    change("computed to plain", lambda: [_sum()], lambda: [_a(Integer)]),
    change("computed: expression", lambda: [_sum()], lambda: [_sum("id + 2")]),
    change("computed: stored or not", lambda: [_sum()], lambda: [_sum(persisted=False)]),
]


def _numbered(**words: Any) -> Column[Any]:
    return _a(Integer, Identity(**words), nullable=False)


IDENTITIES = [
    change(
        "identity added",
        lambda: [_a(Integer, nullable=False)],
        lambda: [_numbered()],
        POSTGRESQL,
    ),
    change(
        "identity dropped",
        lambda: [_numbered()],
        lambda: [_a(Integer, nullable=False)],
        POSTGRESQL,
    ),
    change(
        "identity: by default to always",
        lambda: [_numbered()],
        lambda: [_numbered(always=True)],
        POSTGRESQL,
    ),
    change("identity: start", lambda: [_numbered()], lambda: [_numbered(start=7)], POSTGRESQL),
    change(
        "identity: increment", lambda: [_numbered()], lambda: [_numbered(increment=2)], POSTGRESQL
    ),
    change("identity: cycle", lambda: [_numbered()], lambda: [_numbered(cycle=True)], POSTGRESQL),
    Change(
        "serial to identity",
        lambda metadata: Table("t", metadata, Column("id", Integer, primary_key=True)),
        lambda metadata: Table("t", metadata, Column("id", Integer, Identity(), primary_key=True)),
        POSTGRESQL,
    ),
]

CHANGES = [*PRESENCE, *TYPES, *ENUMS, *DEFAULTS, *COMPUTED, *IDENTITIES]
