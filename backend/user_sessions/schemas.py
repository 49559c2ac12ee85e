"""Bodies of requests and responses about login sessions."""

from typing import Annotated, Literal

from pydantic import Field

from backend.core.schemas import RequestSchema, ResponseSchema


class TokenRefresh(RequestSchema):
    """A refresh token to exchange for new tokens."""

    refresh_token: Annotated[str, Field(max_length=2000)]


class Tokens(ResponseSchema):
    """The tokens of a login session (RFC 6749, section 5.1).

    `expires_in` is the life of the access token in seconds. The refresh token is good once.
    """

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - its kind, not a token
    expires_in: int
    refresh_token: str
