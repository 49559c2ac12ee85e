"""Bodies of requests and responses about fills."""

from decimal import Decimal
from typing import Annotated

from pydantic import MISSING, Field

from backend.core.schemas import Exact, Instant, RequestSchema, VersionedRead
from benchmarks.ours.fills.models import Side

Symbol = Annotated[str, Field(min_length=1, max_length=20)]
Quantity = Annotated[Decimal, Exact(20, 8)]
Price = Annotated[Decimal, Exact(20, 8)]
ExternalRef = Annotated[str, Field(min_length=1, max_length=64)]


class FillCreate(RequestSchema):
    """A new fill."""

    symbol: Symbol
    side: Side
    quantity: Quantity
    price: Price
    executed_at: Instant
    external_ref: ExternalRef


class FillChange(RequestSchema):
    """Changes to a fill; what is absent stays as it is."""

    symbol: Symbol | MISSING = MISSING
    side: Side | MISSING = MISSING
    quantity: Quantity | MISSING = MISSING
    price: Price | MISSING = MISSING
    executed_at: Instant | MISSING = MISSING
    external_ref: ExternalRef | MISSING = MISSING


class FillRead(VersionedRead):
    """A fill."""

    symbol: str
    side: Side
    quantity: Quantity
    price: Price
    executed_at: Instant
    external_ref: str
