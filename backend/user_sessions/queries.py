"""Every statement that the user_sessions module sends to the database."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, exists, func, select
from sqlalchemy.orm import Session

from backend.core.statements import OWNER, SESSION
from backend.user_sessions.models import UserSession

LIVES = exists().where(
    UserSession.user_id == OWNER, UserSession.id == SESSION, UserSession.expires_at > func.now()
)
"""Holds while the session has neither ended nor expired."""


def one_of(
    db: Session, owner_id: UUID, session_id: UUID, *, for_update: bool = False
) -> UserSession | None:
    """One of the owner's sessions; with `for_update` no one else can change it meanwhile."""
    wanted = select(UserSession).where(
        UserSession.user_id == owner_id, UserSession.id == session_id
    )
    return db.scalar(wanted.with_for_update() if for_update else wanted)


def expiry_of(connection: Connection, owner_id: UUID, session_id: UUID) -> datetime | None:
    """When one of the owner's sessions expires; None if it has ended."""
    return connection.scalar(
        select(UserSession.expires_at).where(
            UserSession.user_id == owner_id, UserSession.id == session_id
        )
    )


def save(db: Session, session: UserSession) -> UserSession:
    """Write a new or changed session now."""
    db.add(session)
    db.flush()
    return session


def remove(db: Session, owner_id: UUID, session_id: UUID) -> None:
    """Delete one of the owner's sessions, if it is there."""
    db.execute(
        delete(UserSession).where(UserSession.user_id == owner_id, UserSession.id == session_id)
    )


def remove_others(db: Session, owner_id: UUID, session_id: UUID) -> None:
    """Delete all of the owner's sessions but this one."""
    db.execute(
        delete(UserSession).where(UserSession.user_id == owner_id, UserSession.id != session_id)
    )


def remove_expired(db: Session, owner_id: UUID, now: datetime) -> None:
    """Delete the owner's sessions that expired before `now`."""
    db.execute(
        delete(UserSession).where(UserSession.user_id == owner_id, UserSession.expires_at < now)
    )
