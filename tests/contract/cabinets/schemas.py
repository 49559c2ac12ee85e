"""Bodies of requests and responses about cabinets."""

from typing import Annotated

from pydantic import MISSING, Field

from backend.core.schemas import JSONContent, RequestSchema, VersionedRead

Name = Annotated[str, Field(min_length=1, max_length=40)]


class CabinetCreate(RequestSchema):
    """A new cabinet."""

    name: Name
    label: JSONContent | None = None


class CabinetChange(RequestSchema):
    """Changes to a cabinet; what is absent stays as it is."""

    name: Name | MISSING = MISSING
    label: JSONContent | MISSING | None = MISSING


class CabinetRead(VersionedRead):
    """A cabinet."""

    name: str
    label: JSONContent | None
