"""The links table: references without a foreign key, which the services look for."""

from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from backend.core.models import OwnedRecord
from tests.contract.tables import ContractBase


class Link(OwnedRecord, ContractBase):
    """What belongs together."""

    __tablename__ = "links"
    __table_args__ = (Index(None, "user_id", "cabinet_id"),)

    cabinet_id: Mapped[UUID]
    venue_id: Mapped[UUID | None]
