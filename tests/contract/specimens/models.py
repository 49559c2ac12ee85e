"""The specimens table: a column of every type, once with and once without null."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    Enum,
    ForeignKeyConstraint,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import OwnedRecord
from backend.core.types import ExactDecimal
from tests.contract.tables import ContractBase

Mood = Literal["calm", "it's", 'a "b"', "größer", "back\\slash"]


def _mood() -> Enum:
    return Enum(*get_args(Mood), name="mood", native_enum=False, create_constraint=False, length=32)


class Specimen(OwnedRecord, ContractBase):
    """A row with every type of column."""

    __tablename__ = "specimens"
    __table_args__ = (
        UniqueConstraint("user_id", "code"),
        ForeignKeyConstraint(
            ["user_id", "cabinet_id"], ["cabinets.user_id", "cabinets.id"], ondelete="RESTRICT"
        ),
    )

    code: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    whole: Mapped[int] = mapped_column(Integer)
    big: Mapped[int] = mapped_column(BigInteger)
    yes: Mapped[bool] = mapped_column(Boolean)
    day: Mapped[date] = mapped_column(Date)
    at: Mapped[datetime]
    key: Mapped[UUID]
    mood: Mapped[Mood] = mapped_column(_mood())
    price: Mapped[Decimal] = mapped_column(ExactDecimal(38, 18))
    units: Mapped[Decimal] = mapped_column(ExactDecimal(38, 0))
    ratio: Mapped[Decimal] = mapped_column(ExactDecimal(4, 4))

    maybe_code: Mapped[str | None] = mapped_column(String(40), default="none given")
    maybe_text: Mapped[str | None] = mapped_column(Text)
    maybe_whole: Mapped[int | None] = mapped_column(Integer)
    maybe_big: Mapped[int | None] = mapped_column(BigInteger)
    maybe_yes: Mapped[bool | None] = mapped_column(Boolean)
    maybe_day: Mapped[date | None] = mapped_column(Date)
    maybe_at: Mapped[datetime | None]
    maybe_key: Mapped[UUID | None]
    maybe_mood: Mapped[Mood | None] = mapped_column(_mood())
    maybe_price: Mapped[Decimal | None] = mapped_column(ExactDecimal(38, 18))
    cabinet_id: Mapped[UUID | None]
