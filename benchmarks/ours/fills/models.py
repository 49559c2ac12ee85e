"""The fills table."""

from datetime import datetime
from decimal import Decimal
from typing import Literal, get_args

from sqlalchemy import Enum, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import Base, OwnedRecord
from backend.core.types import ExactDecimal

Side = Literal["buy", "sell"]


class Fill(OwnedRecord, Base):
    """A fill of one user."""

    __tablename__ = "fills"
    __table_args__ = (UniqueConstraint("user_id", "external_ref"),)

    symbol: Mapped[str] = mapped_column(String(20))
    side: Mapped[Side] = mapped_column(
        Enum(*get_args(Side), name="side", native_enum=False, create_constraint=True, length=32)
    )
    quantity: Mapped[Decimal] = mapped_column(ExactDecimal(20, 8))
    price: Mapped[Decimal] = mapped_column(ExactDecimal(20, 8))
    executed_at: Mapped[datetime]
    external_ref: Mapped[str] = mapped_column(String(64))


Index("ix_fills_newest", Fill.user_id, Fill.executed_at.desc(), Fill.id.desc())
