"""Bodies of requests and responses about users."""

from typing import Annotated

from pydantic import MISSING, AfterValidator, EmailStr

from backend.core.passwords import GivenPassword, NewPassword
from backend.core.schemas import RequestSchema, VersionedRead

Email = Annotated[EmailStr, AfterValidator(str.lower)]


class UserCreate(RequestSchema):
    """A new user."""

    email: Email
    password: NewPassword


class UserChange(RequestSchema):
    """Changes to a user; what is absent stays as it is."""

    email: Email | MISSING = MISSING


class PasswordChange(RequestSchema):
    """A new password, and the present one as proof."""

    current_password: GivenPassword
    new_password: NewPassword


class UserRead(VersionedRead):
    """A user, without the password."""

    email: str
