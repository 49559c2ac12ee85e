"""What hashes passwords and counts logins, for the routes."""

from typing import Annotated

from fastapi import Depends, Request

from backend.core.passwords import PasswordHasher
from backend.core.rate_limits import LoginLimits


async def get_password_hasher(request: Request) -> PasswordHasher:
    """The application's password hasher."""
    hasher: PasswordHasher = request.app.state.password_hasher
    return hasher


async def get_login_limits(request: Request) -> LoginLimits:
    """The application's limits on logins."""
    limits: LoginLimits = request.app.state.login_limits
    return limits


CurrentPasswordHasher = Annotated[PasswordHasher, Depends(get_password_hasher)]
CurrentLoginLimits = Annotated[LoginLimits, Depends(get_login_limits)]
