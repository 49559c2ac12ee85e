"""The memos table: fields that are not for everybody to write or to read."""

from sqlalchemy import Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import OwnedRecord
from tests.contract.tables import ContractBase


class Memo(OwnedRecord, ContractBase):
    """A note of one user.

    Attributes:
        serial: written once.
        pin: never read.
        seal: never read.
        stars: never written by a client.
        state: never written by a client.
    """

    __tablename__ = "memos"
    __table_args__ = (UniqueConstraint("user_id", "serial"),)

    serial: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(80))
    pin: Mapped[str | None] = mapped_column(String(40))
    seal: Mapped[bytes | None] = mapped_column(LargeBinary)
    stars: Mapped[int] = mapped_column(Integer, default=3)
    state: Mapped[str | None] = mapped_column(String(40))
