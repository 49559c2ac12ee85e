"""A table with a column of each kind that a list can be filtered or sorted by."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from sqlalchemy import Date, MetaData, String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from backend.core.listing import ListParameters
from backend.core.models import NAMING_CONVENTION, OwnedRecord
from backend.core.schemas import Exact, Instant, VersionedRead
from backend.core.statements import OWNER, ROW
from backend.core.types import ExactDecimal, UTCDateTime


class SampleBase(DeclarativeBase):
    """Its metadata is not the application's."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map: ClassVar = {datetime: UTCDateTime()}


class SampleUser(SampleBase):
    """As much of users as a foreign key needs."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)


class Sample(OwnedRecord, SampleBase):
    """A row with a column of each kind that can be filtered."""

    __tablename__ = "samples"

    symbol: Mapped[str] = mapped_column(String(20))
    side: Mapped[str] = mapped_column(String(4))
    count: Mapped[int]
    price: Mapped[Decimal] = mapped_column(ExactDecimal(20, 8))
    day: Mapped[date] = mapped_column(Date)
    at: Mapped[datetime]
    live: Mapped[bool]
    note: Mapped[str | None] = mapped_column(String(20))


class SampleRead(VersionedRead):
    """What is answered of it."""

    symbol: str
    side: Literal["buy", "sell"]
    count: int
    price: Annotated[Decimal, Exact(20, 8)]
    day: date
    at: Instant
    live: bool
    note: str | None


COLUMNS = ("symbol", "side", "count", "price", "day", "at", "live", "note")
SORTED = ("symbol", "count", "price", "day", "at")
PARAMETERS = ListParameters(SampleRead, filter_by=COLUMNS, sort_by=SORTED)
OWNED = select(Sample).where(Sample.user_id == OWNER)
ONE = OWNED.where(Sample.id == ROW)
