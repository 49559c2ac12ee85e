"""Limits on how often something may be tried."""

import time

from limits import RateLimitItem, parse
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.storage import storage_from_string

from backend.core.errors import TooManyRequests
from backend.core.settings import Settings, SettingsError


class LoginLimits:
    """How many logins may fail for one account, and be tried from one address.

    Unknown accounts are counted as known ones are, so the limit tells nobody which exist.
    """

    def __init__(self, settings: Settings) -> None:
        storage = storage_from_string(settings.rate_limit_storage_url)
        if not isinstance(storage, Storage):
            raise SettingsError(
                "JEDGEBOT_RATE_LIMIT_STORAGE_URL names a blocking storage.",
                "Use an async one: async+memory:// or async+redis://host:port.",
            )
        self._limiter = FixedWindowRateLimiter(storage)
        self._per_account = _parsed(
            settings.login_limit_per_account, "JEDGEBOT_LOGIN_LIMIT_PER_ACCOUNT"
        )
        self._per_address = _parsed(
            settings.login_limit_per_address, "JEDGEBOT_LOGIN_LIMIT_PER_ADDRESS"
        )

    async def attempt(self, account: str, address: str) -> None:
        """Count a login before its password is looked at.

        Raises:
            TooManyRequests: the account or the address has no attempt left.
        """
        await self._hit(self._per_address, "login-address", address)
        await self._hit(self._per_account, "login-account", account)

    async def succeeded(self, account: str) -> None:
        """Forget the failed logins of an account whose password was right."""
        await self._limiter.clear(self._per_account, "login-account", account)

    async def _hit(self, item: RateLimitItem, *identifiers: str) -> None:
        if await self._limiter.hit(item, *identifiers):
            return
        stats = await self._limiter.get_window_stats(item, *identifiers)
        raise TooManyRequests("Too many logins.", int(stats.reset_time - time.time()) + 1)


def _parsed(limit: str, name: str) -> RateLimitItem:
    try:
        return parse(limit)
    except ValueError:
        raise SettingsError(
            f"{name} is not a rate limit.", "Write it as: 10 per 15 minutes"
        ) from None
