"""Bodies of requests and responses about links."""

from uuid import UUID

from pydantic import MISSING

from backend.core.schemas import RequestSchema, VersionedRead


class LinkCreate(RequestSchema):
    """A new link."""

    cabinet_id: UUID
    venue_id: UUID | None = None


class LinkChange(RequestSchema):
    """Changes to a link; what is absent stays as it is."""

    cabinet_id: UUID | MISSING = MISSING
    venue_id: UUID | MISSING | None = MISSING


class LinkRead(VersionedRead):
    """A link."""

    cabinet_id: UUID
    venue_id: UUID | None
