"""What a user may do with their profile."""

from uuid import UUID

from sqlalchemy.orm import Session

from backend.core.conditional import require_match
from backend.core.errors import Conflict, NotFound
from backend.user_profiles import queries
from backend.user_profiles.models import UserProfile
from backend.user_profiles.schemas import UserProfileChange, UserProfileCreate


class UserProfileNotFound(NotFound):
    """The user has no profile."""

    def __init__(self) -> None:
        super().__init__("You have no profile.")


def create(db: Session, owner_id: UUID, data: UserProfileCreate) -> UserProfile:
    """Create the user's profile.

    Raises:
        Conflict: there is one already.
        IntegrityError: the user name is taken.
    """
    if queries.one_of(db, owner_id) is not None:
        raise Conflict("You have a profile already.")
    return queries.save(db, UserProfile(user_id=owner_id, **dict(data)))


def get(db: Session, owner_id: UUID, *, for_update: bool = False) -> UserProfile:
    """Read the user's profile.

    Raises:
        UserProfileNotFound: there is none.
    """
    profile = queries.one_of(db, owner_id, for_update=for_update)
    if profile is None:
        raise UserProfileNotFound
    return profile


def change(
    db: Session, owner_id: UUID, changes: UserProfileChange, if_match: str | None = None
) -> UserProfile:
    """Change what the request names.

    Raises:
        UserProfileNotFound: there is none.
        PreconditionFailed: `if_match` names another version.
        IntegrityError: the user name is taken.
    """
    profile = get(db, owner_id, for_update=True)
    require_match(if_match, profile)
    return queries.save(db, changes.apply_to(profile))


def remove(db: Session, owner_id: UUID, if_match: str | None = None) -> None:
    """Delete the user's profile.

    Raises:
        UserProfileNotFound: there is none.
        PreconditionFailed: `if_match` names another version.
    """
    profile = get(db, owner_id, for_update=True)
    require_match(if_match, profile)
    queries.remove(db, profile)
