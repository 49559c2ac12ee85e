"""Bodies of requests and responses about users."""

from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import MISSING, AfterValidator, Field

from backend.core.passwords import GivenPassword, NewPassword
from backend.core.schemas import RequestSchema, VersionedRead


def _normalized_email(text: str) -> str:
    try:
        address = validate_email(text.strip(), check_deliverability=False)
    except EmailNotValidError:
        # Its own words would repeat a part of what was sent.
        raise ValueError("not an e-mail address") from None
    return address.normalized.lower()


Email = Annotated[
    str,
    Field(max_length=254, json_schema_extra={"format": "email"}),
    AfterValidator(_normalized_email),
]
"""An address without a name, in the one way to write it: normalised, in lower case."""


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
