"""Conditional requests: ETag, If-Match and If-None-Match (RFC 9110, section 13)."""

from typing import Annotated, Protocol, TypeGuard
from uuid import UUID

from fastapi import Header

from backend.core.errors import PreconditionFailed


class VersionedRow(Protocol):
    """Anything with an identity and a version that grows with each change."""

    id: UUID
    version: int


def etag_of(row: VersionedRow) -> str:
    """The strong entity tag of a row in its present version."""
    return f'"{row.id.hex}-{row.version}"'


def is_versioned(row: object) -> TypeGuard[VersionedRow]:
    """Whether a row, or those of a model, have a version and so an entity tag."""
    return hasattr(row, "version")


def matches(condition: str, etag: str | None, *, weakly: bool = False) -> bool:
    """Whether a list of entity tags, or `*`, names this one; without a tag only `*` does.

    `weakly` takes weak tags too, as If-None-Match does (RFC 9110, section 13.1.2).
    """
    tags = [tag.strip() for tag in condition.split(",")]
    if weakly:
        tags = [tag.removeprefix("W/") for tag in tags]
    return "*" in tags or etag in tags


def require_match(if_match: str | None, row: object) -> None:
    """Let a change pass only if the client has seen the row's present version.

    A row without a version is named by `*` alone.

    Raises:
        PreconditionFailed: If-Match was sent and names another version, or the row has none.
    """
    etag = etag_of(row) if is_versioned(row) else None
    if if_match is not None and not matches(if_match, etag):
        raise PreconditionFailed(
            "The rows here have no versions: If-Match can only be *."
            if etag is None
            else "The row has changed since the version that If-Match names."
        )


IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=1000,
        description="Change only if this is the ETag of the present version; else 412.",
    ),
]
