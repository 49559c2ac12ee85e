"""The cabinets table: it holds JSON and bytes, which the lane cannot write."""

from typing import Any

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import OwnedRecord
from backend.core.types import JSONDocument
from tests.contract.tables import ContractBase


class Cabinet(OwnedRecord, ContractBase):
    """A place that specimens lie in."""

    __tablename__ = "cabinets"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    name: Mapped[str] = mapped_column(String(40))
    label: Mapped[Any | None] = mapped_column(JSONDocument)
    photo: Mapped[bytes | None] = mapped_column(LargeBinary)
