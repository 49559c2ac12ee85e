"""Who a request comes from: for the routes of every module."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer

from backend.core.database import access_of
from backend.core.ownership import OwnerRule
from backend.core.settings import Settings
from backend.core.tokens import TokenSigner
from backend.user_sessions import services
from backend.user_sessions.services import SessionPolicy

_bearer = OAuth2PasswordBearer(tokenUrl="users/token", refreshUrl="users/token/refresh")


@dataclass(frozen=True)
class AuthenticatedUser:
    """The user that a request comes from, and the login session it belongs to."""

    id: UUID
    session_id: UUID


async def get_token_signer(request: Request) -> TokenSigner:
    """What signs and verifies the application's tokens."""
    signer: TokenSigner = request.app.state.token_signer
    return signer


CurrentTokenSigner = Annotated[TokenSigner, Depends(get_token_signer)]


async def get_session_policy(request: Request, signer: CurrentTokenSigner) -> SessionPolicy:
    """How the application makes tokens."""
    settings: Settings = request.app.state.settings
    return SessionPolicy(
        signer,
        access_life=timedelta(minutes=settings.access_token_minutes),
        refresh_life=timedelta(days=settings.refresh_token_days),
    )


async def get_current_user(
    request: Request, token: Annotated[str, Depends(_bearer)]
) -> AuthenticatedUser:
    """The sender by the access token. That its session lives, the first transaction sees.

    Raises:
        BadCredentials: the token is missing, forged or expired.
    """
    signer: TokenSigner = request.app.state.token_signer
    claims = signer.verify("access", token)
    access = access_of(request)
    access.owner_id = claims.user_id
    access.preconditions.append(
        partial(services.require_live, owner_id=claims.user_id, session_id=claims.session_id)
    )
    return AuthenticatedUser(claims.user_id, claims.session_id)


CurrentSessionPolicy = Annotated[SessionPolicy, Depends(get_session_policy)]
CurrentUser = Annotated[AuthenticatedUser, Depends(get_current_user)]

SESSION_OWNER = OwnerRule(user=CurrentUser, lives=services.LIVES)
"""Rows belong to the user whose session the request's access token names."""
