"""What can be done with users."""

from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.orm import Session

from backend.core.errors import Conflict
from backend.core.operations import Change, Get, Remove
from backend.core.schemas import EmailAddress
from backend.user_sessions import services as user_sessions
from backend.user_sessions.schemas import Tokens
from backend.user_sessions.services import SessionPolicy
from backend.users import queries
from backend.users.models import User
from backend.users.schemas import UserChange, UserRead

_EMAIL: TypeAdapter[str] = TypeAdapter(EmailAddress)

MISSING = "The user does not exist any more."

get = Get(queries.ONE, UserRead, MISSING)
change = Change(queries.ONE, UserChange, UserRead, MISSING)
remove = Remove(queries.ONE, MISSING)


def register(db: Session, email: str, password_hash: str) -> User:
    """Create a user.

    Raises:
        IntegrityError: the address is taken.
    """
    return queries.save(db, User(email=email, password_hash=password_hash))


def account_of(username: str) -> str:
    """The one way to write what somebody logs in as; at most 254 characters."""
    try:
        return _EMAIL.validate_python(username)
    except ValidationError:
        return username.strip().casefold()[:254]


def find_by_email(db: Session, email: str) -> User | None:
    """The user with this address, in any case; None also if it is no address."""
    try:
        return queries.one_by_email(db, _EMAIL.validate_python(email))
    except ValidationError:
        return None


def log_in(db: Session, owner_id: UUID, verified_hash: str, policy: SessionPolicy) -> Tokens | None:
    """Start a session for a user whose password was verified against this hash.

    Returns:
        The tokens; None if the password was changed meanwhile, or the user deleted.
    """
    user = queries.one_for_update(db, owner_id)
    if user is None or user.password_hash != verified_hash:
        return None
    return user_sessions.start(db, owner_id, policy)


def change_password(
    db: Session, owner_id: UUID, session_id: UUID, verified_hash: str, new_hash: str
) -> None:
    """Set a new password and end the user's other sessions.

    Raises:
        NotFound: they have been deleted.
        Conflict: the password is not the one that was verified any more.
    """
    user = get(db, owner_id, for_update=True)
    if user.password_hash != verified_hash:
        raise Conflict("The password was changed by another request at the same time.")
    user.password_hash = new_hash
    queries.save(db, user)
    user_sessions.end_others(db, owner_id, session_id)
