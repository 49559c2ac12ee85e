"""The corrections table, in the same database as the readings that it refers to."""

from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import Base, UnversionedOwnedRecord
from backend.core.named_databases import NamedDatabase


class ArchiveBase(Base):
    """Base of the models in the database archive."""

    __abstract__ = True

    metadata = NamedDatabase.called("archive").metadata


class Correction(UnversionedOwnedRecord, ArchiveBase):
    """Why a reading was wrong."""

    __tablename__ = "corrections"
    __table_args__ = (
        ForeignKeyConstraint(["user_id", "reading_id"], ["readings.user_id", "readings.id"]),
        Index(None, "user_id", "reading_id"),
    )

    reading_id: Mapped[UUID]
    reason: Mapped[str] = mapped_column(String(80))
