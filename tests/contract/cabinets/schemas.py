"""Bodies of requests and responses about cabinets."""

from typing import Annotated

from pydantic import MISSING, Field

from backend.core.schemas import Base64Bytes, JSONContent, RequestSchema, VersionedRead

Name = Annotated[str, Field(min_length=1, max_length=40)]


class CabinetCreate(RequestSchema):
    """A new cabinet."""

    name: Name
    label: JSONContent | None = None
    photo: Base64Bytes | None = None


class CabinetChange(RequestSchema):
    """Changes to a cabinet; what is absent stays as it is."""

    name: Name | MISSING = MISSING
    label: JSONContent | MISSING | None = MISSING
    photo: Base64Bytes | MISSING | None = MISSING


class CabinetRead(VersionedRead):
    """A cabinet."""

    name: str
    label: JSONContent | None
    photo: Base64Bytes | None
