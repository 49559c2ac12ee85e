"""Bodies of requests and responses about ticks."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, Field

from backend.core.schemas import Exact, RequestSchema, UnversionedRead

Code = Annotated[str, Field(min_length=1, max_length=40)]
Price = Annotated[Decimal, Exact(20, 8)]


class TickCreate(RequestSchema):
    """A new tick."""

    price: Price
    venue_code: Code
    venue_id: UUID | None = None
    memo_serial: Code | None = None


class TickChange(RequestSchema):
    """Changes to a tick; what is absent stays as it is."""

    price: Price | MISSING = MISSING
    venue_code: Code | MISSING = MISSING
    venue_id: UUID | MISSING | None = MISSING
    memo_serial: Code | MISSING | None = MISSING


class TickRead(UnversionedRead):
    """A tick."""

    price: Price
    venue_code: str
    venue_id: UUID | None
    memo_serial: str | None
