"""What hashes and checks passwords, for the routes."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from pydantic import SecretStr

from backend.core.passwords import PasswordHasher
from backend.core.rate_limits import AttemptLimits


@dataclass(frozen=True)
class PasswordCheck:
    """Checks passwords for one client, who may be wrong a limited number of times."""

    hasher: PasswordHasher
    limits: AttemptLimits
    address: str

    async def passes(self, account: str, password: SecretStr, password_hash: str | None) -> bool:
        """Whether it is the account's password; without a hash there is no such account.

        Both answers take the same time and count the same.

        Raises:
            TooManyRequests: no attempt is left, or too many passwords wait to be checked.
        """
        await self.limits.log_in(account, self.address)
        right = await self.hasher.verify(password, password_hash)
        if right:
            await self.limits.logged_in(account)
        return right


async def get_password_hasher(request: Request) -> PasswordHasher:
    """The application's password hasher."""
    hasher: PasswordHasher = request.app.state.password_hasher
    return hasher


CurrentPasswordHasher = Annotated[PasswordHasher, Depends(get_password_hasher)]


async def get_password_check(request: Request, hasher: CurrentPasswordHasher) -> PasswordCheck:
    """The check of passwords for the request's client."""
    return PasswordCheck(hasher, request.app.state.attempt_limits, _address_of(request))


@dataclass(frozen=True)
class RegistrationLimit:
    """How many users one client may register."""

    limits: AttemptLimits
    address: str

    async def count(self) -> None:
        """Count a registration, before its password is hashed.

        Raises:
            TooManyRequests: the client has no attempt left.
        """
        await self.limits.register(self.address)


async def get_registration_limit(request: Request) -> RegistrationLimit:
    """The limit on what the request's client registers."""
    return RegistrationLimit(request.app.state.attempt_limits, _address_of(request))


def _address_of(request: Request) -> str:
    return request.client.host if request.client else "unknown"


CurrentPasswordCheck = Annotated[PasswordCheck, Depends(get_password_check)]
CurrentRegistrationLimit = Annotated[RegistrationLimit, Depends(get_registration_limit)]
