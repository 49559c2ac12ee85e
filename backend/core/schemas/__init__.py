"""Bases and field types of the Pydantic schemas."""

from backend.core.schemas.bases import (
    RequestSchema,
    ResponseSchema,
    UnversionedRead,
    VersionedRead,
)
from backend.core.schemas.content import BYTES_MAX, Base64, Base64Bytes, JSONContent
from backend.core.schemas.numbers import BIGINT_MAX, INT_MAX, Exact, Int32, Int64
from backend.core.schemas.storable import (
    MAXIMUM_DEPTH,
    MAXIMUM_NODES,
    read_document,
    require_storable,
)
from backend.core.schemas.texts import ANY_CASE, TEXT_MAX, CurrencyCode, EmailAddress, HttpURL
from backend.core.schemas.times import (
    CalendarDay,
    Instant,
    TimeOfDay,
    TimezoneName,
    iana_names,
    rfc3339,
    time_text,
)

__all__ = [
    "ANY_CASE",
    "BIGINT_MAX",
    "BYTES_MAX",
    "INT_MAX",
    "MAXIMUM_DEPTH",
    "MAXIMUM_NODES",
    "TEXT_MAX",
    "Base64",
    "Base64Bytes",
    "CalendarDay",
    "CurrencyCode",
    "EmailAddress",
    "Exact",
    "HttpURL",
    "Instant",
    "Int32",
    "Int64",
    "JSONContent",
    "RequestSchema",
    "ResponseSchema",
    "TimeOfDay",
    "TimezoneName",
    "UnversionedRead",
    "VersionedRead",
    "iana_names",
    "read_document",
    "require_storable",
    "rfc3339",
    "time_text",
]
