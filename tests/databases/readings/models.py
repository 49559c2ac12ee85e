"""The readings table."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import OwnedRecord
from backend.core.types import ExactDecimal
from tests.databases.readings.readings_db import ArchiveBase


class Reading(OwnedRecord, ArchiveBase):
    """What a sensor measured."""

    __tablename__ = "readings"
    __table_args__ = (
        UniqueConstraint("user_id", "sensor"),
        Index(None, "user_id", "cabinet_id"),
    )

    sensor: Mapped[str] = mapped_column(String(40))
    value: Mapped[Decimal] = mapped_column(ExactDecimal(20, 8))
    cabinet_id: Mapped[UUID | None]
