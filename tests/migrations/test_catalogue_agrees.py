"""A comparison of catalogues raises no false alarm: what is the same is found to be so."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.schema import SchemaItem

from backend.core.engine import make_engine
from backend.core.models import NAMING_CONVENTION
from backend.models import metadata as project_metadata
from jedgebot.migrations.catalogue import Catalogue, compare, modelled, read
from jedgebot.migrations.read_only import read_only_engine
from tests.migrations.project import Project


def found_in(url: str) -> Catalogue:
    engine = read_only_engine(url)
    assert engine is not None
    with engine.connect() as connection:
        found = read(connection)
    engine.dispose()
    return found


def wanted_in(url: str, metadata: MetaData) -> Catalogue:
    """What the models make of a database of the kind that is at an address."""
    if url.startswith("sqlite"):
        return modelled(metadata)
    engine = make_engine(url, pool_size=1)
    with engine.connect() as connection:
        wanted = modelled(metadata, connection)
    engine.dispose()
    return wanted


def test_the_migrated_schema_is_that_of_the_models(database_url: str) -> None:
    wanted = wanted_in(database_url, project_metadata)
    assert {"users", "user_profiles", "user_sessions", "idempotency_keys"} <= wanted.keys()
    assert compare(wanted, found_in(database_url)) == []


BASE = """op.create_table("p", sa.Column("id", sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint("id", name="pk_p"))
op.create_table("t", sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("a", sa.String(9), nullable=True), sa.Column("b", sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint("id", name="pk_t"))"""


def model(
    *items: SchemaItem, a: Column[str] | None = None, b: Column[int] | None = None
) -> MetaData:
    """The tables of `BASE`, with other columns or more items."""
    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    Table("p", metadata, Column("id", Integer, primary_key=True))
    Table(
        "t",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("a", String(9)) if a is None else a,
        Column("b", Integer) if b is None else b,
        *items,
    )
    return metadata


# name: (what a revision changes, the models that it is for)
ALTERED: dict[str, tuple[str, Callable[[], MetaData]]] = {
    "nothing": ("pass", model),
    "column": (
        "batch.add_column(sa.Column('c', sa.Text(), nullable=False, server_default='x'))",
        lambda: model(Column("c", Text, nullable=False, server_default="x")),
    ),
    "column renamed": (
        "batch.alter_column('a', new_column_name='c')",
        lambda: model(a=Column("c", String(9))),
    ),
    "NOT NULL": (
        "batch.alter_column('a', nullable=False)",
        lambda: model(a=Column("a", String(9), nullable=False)),
    ),
    "default": (
        "batch.alter_column('a', server_default='its')",
        lambda: model(a=Column("a", String(9), server_default="its")),
    ),
    "default of a NOT NULL": (
        "batch.alter_column('a', nullable=False)\n    batch.alter_column('a', server_default='x')",
        lambda: model(a=Column("a", String(9), nullable=False, server_default="x")),
    ),
    "type": (
        "batch.alter_column('a', type_=sa.String(20))",
        lambda: model(a=Column("a", String(20))),
    ),
    "UNIQUE": (
        "batch.create_unique_constraint('uq_t_a', ['a'])",
        lambda: model(UniqueConstraint("a")),
    ),
    "CHECK": (
        "batch.create_check_constraint('small', sa.text('b < 5'))",
        lambda: model(CheckConstraint("b < 5", name="small")),
    ),
    "foreign key": (
        "batch.create_foreign_key('fk_t_b_p', 'p', ['b'], ['id'], ondelete='CASCADE')",
        lambda: model(b=Column("b", ForeignKey("p.id", ondelete="CASCADE"))),
    ),
    "column with a foreign key": (
        "batch.add_column(sa.Column('c', sa.Integer(), sa.ForeignKey('p.id', name='fk_t_c_p')))",
        lambda: model(Column("c", ForeignKey("p.id"))),
    ),
    "index": (
        "batch.create_index('ix_t_a', [sa.text('lower(a)')], unique=True)",
        lambda: model(Index("ix_t_a", text("lower(a)"), unique=True)),
    ),
}


@pytest.mark.parametrize("name", ALTERED)
def test_an_altered_table_is_that_of_its_new_models(
    project: Project, empty_url: str, name: str
) -> None:
    operation, build = ALTERED[name]
    project.revision("r1", BASE)
    project.revision("r2", f"with op.batch_alter_table('t') as batch:\n    {operation}")
    project.upgrade(empty_url)
    assert compare(wanted_in(empty_url, build()), found_in(empty_url)) == []


def test_a_database_without_tables_is_an_empty_catalogue(empty_url: str, tmp_path: Path) -> None:
    assert not list(tmp_path.glob("*.db"))
    engine = make_engine(empty_url)
    engine.connect().close()
    engine.dispose()
    assert found_in(empty_url) == {}
