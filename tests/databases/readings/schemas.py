"""Bodies of requests and responses about readings."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, Field

from backend.core.schemas import Exact, RequestSchema, VersionedRead

Sensor = Annotated[str, Field(min_length=1, max_length=40)]
Value = Annotated[Decimal, Exact(20, 8)]


class ReadingCreate(RequestSchema):
    """A new reading."""

    sensor: Sensor
    value: Value
    cabinet_id: UUID | None = None


class ReadingChange(RequestSchema):
    """Changes to a reading; what is absent stays as it is."""

    sensor: Sensor | MISSING = MISSING
    value: Value | MISSING = MISSING
    cabinet_id: UUID | MISSING | None = MISSING


class ReadingRead(VersionedRead):
    """A reading."""

    sensor: str
    value: Value
    cabinet_id: UUID | None
