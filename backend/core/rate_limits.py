"""Limits on how often something may be tried."""

import time

from limits import RateLimitItem, parse
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import ConfigurationError
from limits.storage import storage_from_string

from backend.core.errors import TooManyRequests
from backend.core.settings import Settings, SettingsError


class AttemptLimits:
    """How many logins may fail for one account, and how much may be tried from one address.

    Unknown accounts are counted as known ones are, so the limit tells nobody which exist.

    Raises:
        SettingsError: a limit or the storage cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self._limiter = FixedWindowRateLimiter(_storage(settings.rate_limit_storage_url))
        self._logins_per_account = _parsed(
            settings.login_limit_per_account, "JEDGEBOT_LOGIN_LIMIT_PER_ACCOUNT"
        )
        self._logins_per_address = _parsed(
            settings.login_limit_per_address, "JEDGEBOT_LOGIN_LIMIT_PER_ADDRESS"
        )
        self._registrations_per_address = _parsed(
            settings.registration_limit_per_address, "JEDGEBOT_REGISTRATION_LIMIT_PER_ADDRESS"
        )

    async def log_in(self, account: str, address: str) -> None:
        """Count a login before its password is looked at.

        Raises:
            TooManyRequests: the account or the address has no attempt left.
        """
        await self._hit("Too many logins.", self._logins_per_address, "login-address", address)
        await self._hit("Too many logins.", self._logins_per_account, "login-account", account)

    async def logged_in(self, account: str) -> None:
        """Forget the failed logins of an account whose password was right."""
        await self._limiter.clear(self._logins_per_account, "login-account", account)

    async def register(self, address: str) -> None:
        """Count a registration before its password is hashed.

        Raises:
            TooManyRequests: the address has no attempt left.
        """
        item = self._registrations_per_address
        await self._hit("Too many registrations.", item, "registration-address", address)

    async def _hit(self, refusal: str, item: RateLimitItem, *identifiers: str) -> None:
        if await self._limiter.hit(item, *identifiers):
            return
        stats = await self._limiter.get_window_stats(item, *identifiers)
        raise TooManyRequests(refusal, int(stats.reset_time - time.time()) + 1)


def _storage(url: str) -> Storage:
    hint = "Use async+memory://, or async+redis://host:port with the coredis package."
    try:
        storage = storage_from_string(url)
    # limits lets the errors of each storage's own reading of the URL through.
    except (ConfigurationError, ImportError, ValueError, TypeError, AssertionError):
        raise SettingsError(
            "JEDGEBOT_RATE_LIMIT_STORAGE_URL names no storage that can be used.", hint
        ) from None
    if not isinstance(storage, Storage):
        raise SettingsError("JEDGEBOT_RATE_LIMIT_STORAGE_URL names a blocking storage.", hint)
    return storage


def _parsed(limit: str, name: str) -> RateLimitItem:
    try:
        return parse(limit)
    except ValueError:
        raise SettingsError(
            f"{name} is not a rate limit.", "Write it as: 10 per 15 minutes"
        ) from None
