"""Any models are themselves to a comparison of catalogues, in whatever way they are written."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    Engine,
    Enum,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    Time,
    UniqueConstraint,
    Uuid,
    create_engine,
    func,
    text,
)

from backend.core.engine import make_engine
from backend.core.migrations.sqlite_tokens import tokens
from backend.core.models import NAMING_CONVENTION
from backend.core.types import ExactDecimal, JSONDocument, UTCDateTime
from jedgebot.migrations.catalogue import compare, modelled, read
from tests.contract.cabinets.models import Cabinet
from tests.contract.specimens.models import Specimen
from tests.postgresql import PostgreSQL

CONTRACT_METADATA = Specimen.metadata
assert Cabinet.metadata is CONTRACT_METADATA


@pytest.fixture(scope="module")
def engine(postgresql: PostgreSQL) -> Iterator[Engine]:
    """An empty PostgreSQL database, in which each example is rolled back."""
    engine = make_engine(postgresql.create_database("catalogue_agrees"), pool_size=1)
    yield engine
    engine.dispose()


def test_the_specimens_are_themselves(engine: Engine) -> None:
    assert {"specimens", "cabinets"} <= modelled(CONTRACT_METADATA).keys()
    same_elsewhere(engine, CONTRACT_METADATA)


def same_elsewhere(engine: Engine, metadata: MetaData) -> None:
    """Compare the models' tables in the schema of everybody and in one of no duration."""
    with engine.connect() as connection:
        metadata.create_all(connection)
        assert compare(modelled(metadata, connection), read(connection), order=True) == []
        connection.rollback()


WORDS = st.sampled_from(["a", "B", "order", "with space", 'quo"te', "größe", "Mixed", "x1"])
TYPES: list[Any] = [
    Integer(),
    BigInteger(),
    Boolean(),
    String(7),
    Text(),
    Numeric(9, 2),
    ExactDecimal(20, 8),
    UTCDateTime(),
    DateTime(),
    Date(),
    Time(),
    Uuid(),
    LargeBinary(),
    JSONDocument,
    ("x", "it's", 'a "b"'),
]
"""A tuple is the words of an Enum, whose constraint belongs to one table."""

DEFAULTS: dict[Any, list[Any]] = {
    Integer: ["7", text("-1"), text("1 + 1")],
    String: ["it's", "", "100%", text("lower('X')")],
    Boolean: [text("true")],
    DateTime: [func.now()],
}


@st.composite
def models(draw: st.DrawFn) -> MetaData:
    """Two tables with whatever their columns, constraints and indexes may be."""
    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    Table("parent", metadata, Column("id", Integer, Identity(), primary_key=True))
    names = draw(st.lists(WORDS, min_size=1, max_size=5, unique=True))
    columns = [_column(draw, name) for name in names]
    table = Table("child", metadata, Column("id", Uuid, primary_key=True), *columns)
    if draw(st.booleans()):
        action = draw(st.sampled_from([None, "CASCADE", "SET NULL", "RESTRICT"]))
        key = ForeignKey("parent.id", ondelete=action, deferrable=draw(st.booleans()))
        table.append_column(Column("up", key))
    if draw(st.booleans()):
        double = Computed("id_number * 2", persisted=True)
        table.append_column(Column("id_number", Integer))
        table.append_column(Column("double", Integer, double))
        table.append_constraint(CheckConstraint("id_number > 0 AND id_number <> 7", "positive"))
    plain = [one for one in columns if type(one.type) in (Integer, String, Uuid, Date)]
    if draw(st.booleans()) and plain:
        table.append_constraint(UniqueConstraint(*plain[:2]))
    texts = [one for one in columns if type(one.type) in (String, Text)]
    for number, one in enumerate(texts):
        parts: list[Any] = draw(
            st.sampled_from([[one], [func.lower(one)], [one.desc()], [one, "id"]])
        )
        condition = one != "it's"
        where: dict[str, Any] = {"sqlite_where": condition, "postgresql_where": condition}
        Index(
            f"ix_{number}",
            *parts,
            unique=draw(st.booleans()),
            _table=table,
            **(where if draw(st.booleans()) else {}),
        )
    return metadata


def _column(draw: st.DrawFn, name: str) -> Column[Any]:
    type_ = draw(st.sampled_from(TYPES))
    if isinstance(type_, tuple):
        type_ = Enum(*type_, name="mood", native_enum=False, create_constraint=True)
    default = draw(st.sampled_from([None, *DEFAULTS.get(type(type_), [])]))
    return Column(name, type_, nullable=draw(st.booleans()), server_default=default)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(metadata=models())
def test_any_models_are_themselves_on_postgresql(engine: Engine, metadata: MetaData) -> None:
    same_elsewhere(engine, metadata)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(metadata=models(), seed=st.integers(0, 2**32))
def test_the_way_of_writing_means_nothing_on_sqlite(metadata: MetaData, seed: int) -> None:
    engine = create_engine("sqlite://")
    written = create_engine("sqlite://")
    with engine.connect() as one, written.connect() as other:
        metadata.create_all(one)
        for (sql,) in one.exec_driver_sql("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"):
            other.exec_driver_sql(rewritten(sql, random.Random(seed)))  # noqa: S311 - no secret
        assert compare(read(one), read(other), order=True) == []


def rewritten(sql: str, chance: random.Random) -> str:
    """The statement with other white space, comments, quotes, and letter case but of tables."""
    text = ""
    for token in tokens(sql):
        word = token.text
        if token.kind == "word" and word not in ("child", "parent"):
            word = chance.choice([word, word.upper(), word.lower()])
        elif token.kind == "quoted" and "]" not in token.name:
            word = chance.choice([word, f"[{token.name}]"])
        if token.text in "<>=!|-":
            text += word  # it may be the first half of an operator, or of a comment's beginning
            continue
        text += word + chance.choice([" ", "\n", "  ", "/* , ( */", "-- '\n"])
    return text
