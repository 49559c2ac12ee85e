"""What SQL does not write as the response schema would, it does not write at all."""

from typing import Annotated, Any
from uuid import UUID, uuid4

import pytest
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, create_model
from pydantic_core import core_schema
from sqlalchemy import String, Uuid, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from backend.core.engine import make_engine
from backend.core.lane.json_text import NotExpressible, row_json
from backend.core.operations import Change, Create
from backend.core.schemas import RequestSchema, ResponseSchema
from backend.user_profiles import queries
from backend.user_profiles.models import UserProfile
from backend.user_profiles.schemas import UserProfileRead

MANY = [f"number_{number}" for number in range(400)]


class Base(DeclarativeBase):
    """A metadata of its own."""


class Place(Base):
    """A table with a text."""

    __tablename__ = "places"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))


class Wide(Base):
    """A table with very many columns."""

    __tablename__ = "wides"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    locals().update({name: mapped_column(Uuid, default=uuid4, nullable=False) for name in MANY})


class Masked:
    """Writes every text as stars."""

    def __get_pydantic_core_schema__(self, _source: object, handler: Any) -> Any:
        return core_schema.no_info_after_validator_function(lambda _: "***", handler(str))


@pytest.mark.parametrize(
    "kind",
    [
        Annotated[str, Field(exclude=True)],
        Annotated[str, Field(serialization_alias="title")],
        Annotated[str, StringConstraints(to_lower=True)],
        Annotated[str, AfterValidator(str.upper)],
        Annotated[str, Masked()],
        int,
        str | int,
    ],
    ids=range(7),
)
def test_a_field_that_changes_its_value_is_not_expressible(kind: Any) -> None:
    schema = create_model("PlaceRead", __base__=ResponseSchema, name=(kind, ...))
    with pytest.raises(NotExpressible):
        row_json(Place, schema, "sqlite")


def test_a_schema_that_changes_values_is_not_expressible() -> None:
    class PlaceRead(ResponseSchema):
        model_config = ConfigDict(str_to_upper=True)
        name: str

    with pytest.raises(NotExpressible):
        row_json(Place, PlaceRead, "sqlite")


@pytest.mark.parametrize(
    "kind", [str, Annotated[str, Field(min_length=1, max_length=80, pattern="^x")]], ids=range(2)
)
def test_bounds_do_not_matter(kind: Any) -> None:
    schema = create_model("PlaceRead", __base__=ResponseSchema, name=(kind, ...))
    assert "json_quote" in str(row_json(Place, schema, "sqlite"))


@pytest.mark.parametrize("name", ["user_id", "id", "version", "created_at", "updated_at"])
def test_no_client_sets_what_core_sets(name: str) -> None:
    fields: dict[str, Any] = {name: (str, ...)}
    schema = create_model("Sent", __base__=RequestSchema, **fields)
    with pytest.raises(TypeError, match=name):
        Create(UserProfile, schema, UserProfileRead)
    with pytest.raises(TypeError, match=name):
        Change(queries.ONE, schema, UserProfileRead, "Nothing.")


def test_a_row_of_very_many_columns_is_written(database_url: str) -> None:
    fields: dict[str, Any] = dict.fromkeys(MANY, (UUID, ...))
    schema = create_model("WideRead", __base__=ResponseSchema, **fields)
    engine = make_engine(database_url)
    with Session(engine) as session:
        Base.metadata.create_all(session.connection())
        row = Wide(id=uuid4())
        session.add(row)
        session.flush()
        written = session.scalar(select(row_json(Wide, schema, engine.dialect.name)))
        assert written == schema.model_validate(row).model_dump_json()
    engine.dispose()
