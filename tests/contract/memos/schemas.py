"""Bodies of requests and responses about memos."""

from typing import Annotated

from pydantic import MISSING, Field

from backend.core.schemas import Base64, RequestSchema, VersionedRead

Code = Annotated[str, Field(min_length=1, max_length=40)]
Title = Annotated[str, Field(min_length=1, max_length=80)]
Seal = Annotated[bytes, Base64(max_length=64)]


class MemoCreate(RequestSchema):
    """A new memo."""

    serial: Code
    title: Title
    pin: Code | None = None
    seal: Seal | None = None


class MemoChange(RequestSchema):
    """Changes to a memo; what is absent stays as it is."""

    title: Title | MISSING = MISSING
    pin: Code | MISSING | None = MISSING
    seal: Seal | MISSING | None = MISSING


class MemoRead(VersionedRead):
    """A memo."""

    serial: str
    title: str
    stars: int
    state: str | None
