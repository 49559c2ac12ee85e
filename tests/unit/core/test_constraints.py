"""What a refused statement is said to be about, on both databases."""

from collections.abc import Iterator

import pytest
from sqlalchemy import (
    Column,
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    delete,
    insert,
)
from sqlalchemy.exc import IntegrityError

from backend.core.constraints import ConstraintFault, fault_of
from backend.core.engine import make_engine
from backend.core.models import NAMING_CONVENTION

metadata = MetaData(naming_convention=NAMING_CONVENTION)
parents = Table(
    "constraint_parents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", Integer),
    Column("name", Integer),
    UniqueConstraint("user_id", "name"),
)
onlies = Table(
    "constraint_onlies",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", Integer, unique=True),
)
children = Table(
    "constraint_children",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("parent_id", ForeignKey(parents.c.id, ondelete="RESTRICT")),
)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(parents).values(id=1, user_id=1, name=1))
        connection.execute(insert(children).values(id=1, parent_id=1))
        connection.execute(insert(onlies).values(id=1, user_id=1))
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (insert(parents).values(id=2, user_id=1, name=1), ConstraintFault("unique", ("name",))),
        (insert(onlies).values(id=2, user_id=1), ConstraintFault("only", ())),
        (insert(children).values(id=2, parent_id=9), ConstraintFault("missing", ("parent_id",))),
        (delete(parents), ConstraintFault("referenced", ())),
    ],
    ids=["unique", "only", "missing", "referenced"],
)
def test_a_fault_names_its_kind_and_fields(
    engine: Engine, statement: object, fault: ConstraintFault
) -> None:
    with engine.connect() as connection, pytest.raises(IntegrityError) as refused:
        connection.execute(statement)  # type: ignore[call-overload]  # one of three kinds
    assert fault_of(refused.value, metadata) == fault
