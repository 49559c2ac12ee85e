"""The venues table: rows that all users share, with texts of every kind and times of day."""

from datetime import time

from sqlalchemy import String, Time, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import SharedRecord
from tests.contract.tables import ContractBase


class Venue(SharedRecord, ContractBase):
    """A place of trade."""

    __tablename__ = "venues"
    __table_args__ = (UniqueConstraint("code"),)

    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(80))
    currency: Mapped[str] = mapped_column(String(10))
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    opens: Mapped[time] = mapped_column(Time)
    closes: Mapped[time | None] = mapped_column(Time)
    contact: Mapped[str | None] = mapped_column(String(254))
    website: Mapped[str | None] = mapped_column(String(2048))
