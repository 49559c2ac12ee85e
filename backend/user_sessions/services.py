"""Logging in, staying logged in and logging out."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from backend.core.errors import BadCredentials
from backend.core.models import utc_now
from backend.core.tokens import Claims, TokenSigner, expiry
from backend.user_sessions import queries
from backend.user_sessions.models import UserSession
from backend.user_sessions.schemas import Tokens

LIVES = queries.LIVES
"""Holds in the database while the session of a request has not ended."""


@dataclass(frozen=True)
class SessionPolicy:
    """How tokens are made and how long they live."""

    signer: TokenSigner
    access_life: timedelta
    refresh_life: timedelta

    def tokens_of(self, session: UserSession) -> Tokens:
        """A fresh access token, and the session's present refresh token."""
        access_expiry = min(expiry(self.access_life), session.expires_at)
        access = Claims(session.user_id, session.id, uuid4(), access_expiry)
        refresh = Claims(session.user_id, session.id, session.refresh_token_id, session.expires_at)
        return Tokens(
            access_token=self.signer.sign("access", access),
            expires_in=int(self.access_life.total_seconds()),
            refresh_token=self.signer.sign("refresh", refresh),
        )


def start(db: Session, owner_id: UUID, policy: SessionPolicy) -> Tokens:
    """Start a session for a user whose password was right; forget the expired ones."""
    queries.remove_expired(db, owner_id, utc_now())
    session = UserSession(
        user_id=owner_id, refresh_token_id=uuid4(), expires_at=expiry(policy.refresh_life)
    )
    return policy.tokens_of(queries.save(db, session))


def refresh(db: Session, refresh_token: str, policy: SessionPolicy) -> Tokens | None:
    """Exchange a refresh token for new tokens.

    A token that was exchanged before is in two hands, so its session ends.

    Returns:
        The new tokens; None if the session has ended, now or before.

    Raises:
        BadCredentials: the token is forged or has expired.

    Source: RFC 9700, section 4.14.2 (refresh token rotation).
    """
    claims = policy.signer.verify("refresh", refresh_token)
    session = queries.one_of(db, claims.user_id, claims.session_id, for_update=True)
    if session is None or session.expires_at <= utc_now():
        return None
    if session.refresh_token_id != claims.token_id:
        queries.remove(db, claims.user_id, claims.session_id)
        return None
    session.refresh_token_id = uuid4()
    session.expires_at = expiry(policy.refresh_life)
    return policy.tokens_of(queries.save(db, session))


def end(db: Session, owner_id: UUID, session_id: UUID) -> None:
    """End a session: its access tokens and its refresh token are refused from now on."""
    queries.remove(db, owner_id, session_id)


def end_others(db: Session, owner_id: UUID, session_id: UUID) -> None:
    """End all of the user's sessions but this one."""
    queries.remove_others(db, owner_id, session_id)


def require_live(connection: Connection, owner_id: UUID, session_id: UUID) -> None:
    """Let a request pass only if its session has not ended.

    Raises:
        BadCredentials: it has ended or expired.
    """
    expires_at = queries.expiry_of(connection, owner_id, session_id)
    if expires_at is None or expires_at <= utc_now():
        raise BadCredentials("The session has ended.")
