"""Bodies of requests and responses about specimens."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, Field, StrictBool

from backend.core.schemas import (
    TEXT_MAX,
    CalendarDay,
    Exact,
    Instant,
    Int32,
    Int64,
    RequestSchema,
    VersionedRead,
)
from tests.contract.specimens.models import Mood

Code = Annotated[str, Field(min_length=1, max_length=40)]
LongText = Annotated[str, Field(max_length=TEXT_MAX)]
Price = Annotated[Decimal, Exact(38, 18)]
Units = Annotated[Decimal, Exact(38, 0)]
Ratio = Annotated[Decimal, Exact(4, 4)]


class SpecimenCreate(RequestSchema):
    """A new specimen."""

    code: Code
    text: LongText
    whole: Int32
    big: Int64
    yes: StrictBool
    day: CalendarDay
    at: Instant
    key: UUID
    mood: Mood
    price: Price
    units: Units
    ratio: Ratio
    maybe_code: Code | None = "none given"
    maybe_text: LongText | None = None
    maybe_whole: Int32 | None = None
    maybe_big: Int64 | None = None
    maybe_yes: StrictBool | None = None
    maybe_day: CalendarDay | None = None
    maybe_at: Instant | None = None
    maybe_key: UUID | None = None
    maybe_mood: Mood | None = None
    maybe_price: Price | None = None
    cabinet_id: UUID | None = None


class SpecimenChange(RequestSchema):
    """Changes to a specimen; what is absent stays as it is."""

    code: Code | MISSING = MISSING
    text: LongText | MISSING = MISSING
    whole: Int32 | MISSING = MISSING
    big: Int64 | MISSING = MISSING
    yes: StrictBool | MISSING = MISSING
    day: CalendarDay | MISSING = MISSING
    at: Instant | MISSING = MISSING
    key: UUID | MISSING = MISSING
    mood: Mood | MISSING = MISSING
    price: Price | MISSING = MISSING
    units: Units | MISSING = MISSING
    ratio: Ratio | MISSING = MISSING
    maybe_code: Code | MISSING | None = MISSING
    maybe_text: LongText | MISSING | None = MISSING
    maybe_whole: Int32 | MISSING | None = MISSING
    maybe_big: Int64 | MISSING | None = MISSING
    maybe_yes: StrictBool | MISSING | None = MISSING
    maybe_day: CalendarDay | MISSING | None = MISSING
    maybe_at: Instant | MISSING | None = MISSING
    maybe_key: UUID | MISSING | None = MISSING
    maybe_mood: Mood | MISSING | None = MISSING
    maybe_price: Price | MISSING | None = MISSING
    cabinet_id: UUID | MISSING | None = MISSING


class SpecimenRead(VersionedRead):
    """A specimen."""

    code: str
    text: str
    whole: int
    big: int
    yes: bool
    day: date
    at: Instant
    key: UUID
    mood: Mood
    price: Price
    units: Units
    ratio: Ratio
    maybe_code: str | None
    maybe_text: str | None
    maybe_whole: int | None
    maybe_big: int | None
    maybe_yes: bool | None
    maybe_day: date | None
    maybe_at: Instant | None
    maybe_key: UUID | None
    maybe_mood: Mood | None
    maybe_price: Price | None
    cabinet_id: UUID | None
