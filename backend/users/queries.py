"""Every statement that the users module sends to the database."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.users.models import User


def one_of(db: Session, owner_id: UUID, *, for_update: bool = False) -> User | None:
    """The user; with `for_update` no one else can change the row meanwhile."""
    wanted = select(User).where(User.id == owner_id)
    return db.scalar(wanted.with_for_update() if for_update else wanted)


def one_by_email(db: Session, email: str) -> User | None:
    """The user with this address, given in lower case."""
    return db.scalar(select(User).where(User.email == email))


def save(db: Session, user: User) -> User:
    """Write a new or changed user now, so that constraints are checked here."""
    db.add(user)
    db.flush()
    return user


def remove(db: Session, user: User) -> None:
    """Delete the user now, and with them every row they own."""
    db.delete(user)
    db.flush()
