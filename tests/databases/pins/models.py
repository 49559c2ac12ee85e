"""The pins table, in the main database."""

from uuid import UUID

from sqlalchemy.orm import Mapped

from backend.core.models import OwnedRecord
from tests.contract.tables import ContractBase


class Pin(OwnedRecord, ContractBase):
    """A reading that somebody wants to find again."""

    __tablename__ = "pins"

    reading_id: Mapped[UUID]
