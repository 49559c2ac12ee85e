"""Bodies of requests and responses about venues."""

from typing import Annotated

from pydantic import MISSING, Field

from backend.core.schemas import (
    CurrencyCode,
    EmailAddress,
    HttpURL,
    RequestSchema,
    TimeOfDay,
    TimezoneName,
    VersionedRead,
)

Code = Annotated[str, Field(min_length=1, max_length=40)]
Name = Annotated[str, Field(min_length=1, max_length=80)]


class VenueCreate(RequestSchema):
    """A new venue."""

    code: Code
    name: Name
    currency: CurrencyCode
    timezone: TimezoneName = "UTC"
    opens: TimeOfDay
    closes: TimeOfDay | None = None
    contact: EmailAddress | None = None
    website: HttpURL | None = None


class VenueChange(RequestSchema):
    """Changes to a venue; what is absent stays as it is."""

    code: Code | MISSING = MISSING
    name: Name | MISSING = MISSING
    currency: CurrencyCode | MISSING = MISSING
    timezone: TimezoneName | MISSING = MISSING
    opens: TimeOfDay | MISSING = MISSING
    closes: TimeOfDay | MISSING | None = MISSING
    contact: EmailAddress | MISSING | None = MISSING
    website: HttpURL | MISSING | None = MISSING


class VenueRead(VersionedRead):
    """A venue."""

    code: str
    name: str
    currency: str
    timezone: str
    opens: TimeOfDay
    closes: TimeOfDay | None
    contact: str | None
    website: str | None
