"""The notices table: rows that all users share, without a version."""

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import UnversionedSharedRecord
from tests.contract.tables import ContractBase


class Notice(UnversionedSharedRecord, ContractBase):
    """A note on the board."""

    __tablename__ = "notices"

    text: Mapped[str] = mapped_column(Text)
