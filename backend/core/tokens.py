"""Signed tokens: JSON Web Tokens with HS256 (RFC 7519)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

import jwt

from backend.core.errors import BadCredentials
from backend.core.models import utc_now

ISSUER = "jedgebot"
ALGORITHM = "HS256"
Use = Literal["access", "refresh"]


@dataclass(frozen=True)
class Claims:
    """What a token says, once its signature is verified.

    Attributes:
        user_id: whose it is.
        session_id: the login session that it belongs to.
        token_id: names this one token.
        expires_at: from when it is refused (UTC, whole seconds).
    """

    user_id: UUID
    session_id: UUID
    token_id: UUID
    expires_at: datetime


class TokenSigner:
    """Signs and verifies tokens with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, use: Use, claims: Claims) -> str:
        """A compact signed token."""
        payload = {
            "iss": ISSUER,
            "aud": use,
            "sub": str(claims.user_id),
            "sid": str(claims.session_id),
            "jti": str(claims.token_id),
            "iat": utc_now(),
            "exp": claims.expires_at,
        }
        return jwt.encode(payload, self._key, ALGORITHM)

    def verify(self, use: Use, token: str) -> Claims:
        """Read a token that this signer made for this use.

        Raises:
            BadCredentials: it is forged, expired, malformed or for another use.
        """
        try:
            payload = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                audience=use,
                options={"require": ["exp", "iat", "sub", "sid", "jti"]},
            )
            return Claims(
                user_id=UUID(payload["sub"]),
                session_id=UUID(payload["sid"]),
                token_id=UUID(payload["jti"]),
                expires_at=datetime.fromtimestamp(payload["exp"], UTC),
            )
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError, RecursionError):
            raise BadCredentials(f"The {use} token is not valid or has expired.") from None


def expiry(life: timedelta) -> datetime:
    """The instant, in whole seconds, at which something that starts now and lives so long ends."""
    return (utc_now() + life).replace(microsecond=0)
