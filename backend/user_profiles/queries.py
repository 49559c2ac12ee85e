"""Every statement that the user_profiles module sends to the database."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.user_profiles.models import UserProfile


def one_of(db: Session, owner_id: UUID, *, for_update: bool = False) -> UserProfile | None:
    """The owner's profile; with `for_update` no one else can change it meanwhile."""
    wanted = select(UserProfile).where(UserProfile.user_id == owner_id)
    return db.scalar(wanted.with_for_update() if for_update else wanted)


def save(db: Session, profile: UserProfile) -> UserProfile:
    """Write a new or changed profile now, so that constraints are checked here."""
    db.add(profile)
    db.flush()
    return profile


def remove(db: Session, profile: UserProfile) -> None:
    """Delete the profile now."""
    db.delete(profile)
    db.flush()
