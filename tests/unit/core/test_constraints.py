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
    update,
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
codes = Table(
    "constraint_codes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", Integer, unique=True),
    Column("other_code", ForeignKey("constraint_codes.code")),
)
namings = Table(
    "constraint_namings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", ForeignKey(codes.c.code)),
    Column("parent_id", ForeignKey(parents.c.id)),
)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(parents).values(id=1, user_id=1, name=1))
        connection.execute(insert(children).values(id=1, parent_id=1))
        connection.execute(insert(onlies).values(id=1, user_id=1))
        connection.execute(insert(codes).values(id=1, code=7, other_code=7))
        connection.execute(insert(codes).values(id=2, code=8))
        connection.execute(insert(namings).values(id=1, code=8, parent_id=1))
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (insert(parents).values(id=2, user_id=1, name=1), ConstraintFault("unique", ("name",))),
        (insert(onlies).values(id=2, user_id=1), ConstraintFault("only", ())),
        (insert(children).values(id=2, parent_id=9), ConstraintFault("missing", ("parent_id",))),
        (delete(parents), ConstraintFault("referenced", ())),
        (update(codes).values(code=9).where(codes.c.id == 2), ConstraintFault("referenced", ())),
        (update(codes).values(code=9).where(codes.c.id == 1), ConstraintFault("referenced", ())),
        (
            update(namings).values(code=9).where(namings.c.id == 1),
            ConstraintFault("missing", ("code",)),
        ),
        (
            update(codes).values(other_code=5).where(codes.c.id == 2),
            ConstraintFault("missing", ("other_code",)),
        ),
    ],
    ids=[
        *("unique", "only", "missing", "referenced"),
        *("its code is referenced", "its code is referenced by itself"),
        *("another code", "another code of its table"),
    ],
)
def test_a_fault_names_its_kind_and_fields(
    engine: Engine, statement: object, fault: ConstraintFault
) -> None:
    with engine.connect() as connection, pytest.raises(IntegrityError) as refused:
        connection.execute(statement)  # type: ignore[call-overload]  # one of three kinds
    assert fault_of(refused.value, metadata) == fault
