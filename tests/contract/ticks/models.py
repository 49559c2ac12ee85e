"""The ticks table: rows of one user without a version, and references of every kind."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import UnversionedOwnedRecord
from backend.core.types import ExactDecimal
from tests.contract.tables import ContractBase


class Tick(UnversionedOwnedRecord, ContractBase):
    """A price at a venue."""

    __tablename__ = "ticks"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "memo_serial"], ["memos.user_id", "memos.serial"], ondelete="CASCADE"
        ),
    )

    price: Mapped[Decimal] = mapped_column(ExactDecimal(20, 8))
    venue_code: Mapped[str] = mapped_column(
        String(40), ForeignKey("venues.code", ondelete="RESTRICT")
    )
    venue_id: Mapped[UUID | None] = mapped_column(ForeignKey("venues.id", ondelete="SET NULL"))
    memo_serial: Mapped[str | None] = mapped_column(String(40))
