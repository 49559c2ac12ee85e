"""Every statement that the users module sends to the database."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.statements import OWNER
from backend.users.models import User

ONE = select(User).where(User.id == OWNER)


def one_for_update(db: Session, owner_id: UUID) -> User | None:
    """The user, whose row no one else can change until the transaction ends."""
    return db.scalar(ONE.with_for_update(), {OWNER.key: owner_id})


def one_by_email(db: Session, email: str) -> User | None:
    """The user with this address, given in lower case."""
    return db.scalar(select(User).where(User.email == email))


def save(db: Session, user: User) -> User:
    """Write a new or changed user now, so that constraints are checked here."""
    db.add(user)
    db.flush()
    return user
