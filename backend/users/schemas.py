"""Bodies of requests and responses about users."""

from pydantic import MISSING

from backend.core.passwords import GivenPassword, NewPassword
from backend.core.schemas import EmailAddress, RequestSchema, VersionedRead


class UserCreate(RequestSchema):
    """A new user."""

    email: EmailAddress
    password: NewPassword


class UserChange(RequestSchema):
    """Changes to a user; what is absent stays as it is."""

    email: EmailAddress | MISSING = MISSING


class PasswordChange(RequestSchema):
    """A new password, and the present one as proof."""

    current_password: GivenPassword
    new_password: NewPassword


class UserRead(VersionedRead):
    """A user, without the password."""

    email: str
