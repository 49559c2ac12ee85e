"""Bodies of requests and responses about profiles."""

from functools import cache
from typing import Annotated
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import MISSING, AfterValidator, Field, HttpUrl, StringConstraints, TypeAdapter

from backend.core.schemas import RequestSchema, VersionedRead

_HTTP_URL: TypeAdapter[HttpUrl] = TypeAdapter(HttpUrl)
_NOT_PLACES = frozenset({"Factory", "localtime"})


@cache
def iana_names() -> frozenset[str]:
    """The names of the IANA time zone database."""
    return frozenset(available_timezones()) - _NOT_PLACES


def _http_url(url: str) -> str:
    return str(_HTTP_URL.validate_python(url))


def _iana_name(name: str) -> str:
    if name not in iana_names():
        raise ValueError("not a name of the IANA time zone database, such as Europe/Zurich")
    return name


Username = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{2,31}$")]
DisplayName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
AvatarUrl = Annotated[
    str,
    Field(max_length=2048, json_schema_extra={"format": "uri"}),
    AfterValidator(_http_url),
    Field(max_length=2048),
]
Timezone = Annotated[str, Field(max_length=64), AfterValidator(_iana_name)]


class UserProfileCreate(RequestSchema):
    """A new profile; nothing is required."""

    username: Username | None = None
    display_name: DisplayName | None = None
    avatar_url: AvatarUrl | None = None
    timezone: Timezone = "UTC"


class UserProfileChange(RequestSchema):
    """Changes to a profile; what is absent stays as it is."""

    username: Username | MISSING | None = MISSING
    display_name: DisplayName | MISSING | None = MISSING
    avatar_url: AvatarUrl | MISSING | None = MISSING
    timezone: Timezone | MISSING = MISSING


class UserProfileRead(VersionedRead):
    """A profile."""

    user_id: UUID
    username: str | None
    display_name: str | None
    avatar_url: str | None
    timezone: str
