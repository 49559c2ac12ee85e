"""Idempotency-Key: a POST that is sent twice is carried out once.

The key is claimed before the work, in the same transaction, so of requests at the same time one
does the work and the others wait for its commit and get its answer. An error keeps nothing: the
request may be sent again with the same key.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy import ForeignKey, Index, LargeBinary, String, Uuid, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database import RequestSession
from backend.core.errors import Conflict
from backend.core.models import Base, utc_now

KEPT_FOR = timedelta(hours=24)
_KEPT_HEADERS = ("content-type", "etag", "location")


class IdempotencyKey(Base):
    """A key that a user's request was carried out under, and the answer it got."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index(None, "user_id", "created_at"),)

    user_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    status_code: Mapped[int | None]
    headers: Mapped[str | None]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)


@dataclass(frozen=True)
class Claim:
    """One request's claim on a key."""

    key: str
    fingerprint: bytes

    @classmethod
    def of(cls, request: Request, key: str, body: bytes) -> "Claim":
        """The claim of a request with this body."""
        target = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
        return cls(key, hashlib.sha256(target + body).digest())

    def take(self, session: RequestSession) -> Response | None:
        """Claim the key for the session's owner.

        Returns:
            None if the request is to be carried out; else the answer it was given before.

        Raises:
            Conflict: the key was used for another request.
        """
        owner_id = session.access.owner_id
        mine = IdempotencyKey.user_id == owner_id
        session.execute(
            delete(IdempotencyKey).where(mine, IdempotencyKey.created_at < utc_now() - KEPT_FOR)
        )
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        claimed = session.execute(
            dialect.insert(IdempotencyKey)
            .values(user_id=owner_id, key=self.key, fingerprint=self.fingerprint)
            .on_conflict_do_nothing()
            .returning(IdempotencyKey.key)
        ).scalar_one_or_none()
        if claimed is not None:
            return None
        kept = session.execute(
            select(IdempotencyKey).where(mine, IdempotencyKey.key == self.key)
        ).scalar_one()
        if kept.fingerprint != self.fingerprint:
            raise Conflict("This Idempotency-Key was used for another request.")
        headers = dict(line.split(": ", 1) for line in (kept.headers or "").splitlines())
        headers["Idempotency-Replayed"] = "true"
        return Response(kept.body, status_code=kept.status_code or 200, headers=headers)

    def keep(self, session: RequestSession, answer: Response) -> None:
        """Keep the answer for the requests that come again with the key."""
        headers = [
            f"{name}: {answer.headers[name]}" for name in _KEPT_HEADERS if name in answer.headers
        ]
        session.execute(
            update(IdempotencyKey)
            .where(
                IdempotencyKey.user_id == session.access.owner_id,
                IdempotencyKey.key == self.key,
            )
            .values(
                status_code=answer.status_code,
                headers="\n".join(headers),
                body=bytes(answer.body),
            )
        )
