"""Bodies of requests and responses about profiles."""

from typing import Annotated
from uuid import UUID

from pydantic import MISSING, Field, StringConstraints

from backend.core.schemas import HttpURL, RequestSchema, TimezoneName, VersionedRead

Username = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{2,31}$")]
DisplayName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class UserProfileCreate(RequestSchema):
    """A new profile; nothing is required."""

    username: Username | None = None
    display_name: DisplayName | None = None
    avatar_url: HttpURL | None = None
    timezone: TimezoneName = "UTC"


class UserProfileChange(RequestSchema):
    """Changes to a profile; what is absent stays as it is."""

    username: Username | MISSING | None = MISSING
    display_name: DisplayName | MISSING | None = MISSING
    avatar_url: HttpURL | MISSING | None = MISSING
    timezone: TimezoneName | MISSING = MISSING


class UserProfileRead(VersionedRead):
    """A profile."""

    user_id: UUID
    username: str | None
    display_name: str | None
    avatar_url: str | None
    timezone: str
