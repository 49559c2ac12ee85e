"""Password hashing off the event loop, bounded, and the rules for new passwords."""

import asyncio
import string
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Annotated, TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import AfterValidator, Field, SecretStr

from backend.core.errors import TooManyRequests

Result = TypeVar("Result")

# Least cost that OWASP advises for one lane: Password Storage Cheat Sheet.
ARGON2 = Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1)
MINIMUM_LENGTH = 12
MAXIMUM_LENGTH = 128
_DIGITS_AND_SIGNS = string.digits + string.punctuation
_DECORATION = 4
_SHORT = 4
_COMMON_PASSWORDS = Path(__file__).with_name("common_passwords.txt")


class PasswordHasher:
    """Argon2id with the least cost that OWASP advises for one lane (m=19 MiB, t=2, p=1).

    A bounded number of threads hash, and a bounded number of requests wait for them; one more
    is refused, so that a flood of logins takes neither the processor nor the memory.

    Source: OWASP Password Storage Cheat Sheet.
    """

    def __init__(self, threads: int, queue: int) -> None:
        self._hash = PasswordHash((ARGON2,))
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="password-hash")
        self._places = threads + queue
        self._taken = 0
        self._nobody = self._hash.hash("the password of nobody")

    async def hash(self, password: SecretStr) -> str:
        """Hash a password.

        Raises:
            TooManyRequests: too many wait already.
        """
        return await self._run(lambda: self._hash.hash(_normalized(password)))

    async def verify(self, password: SecretStr, password_hash: str | None) -> bool:
        """Whether the hash is of this password; None takes as long as a wrong password.

        Raises:
            TooManyRequests: too many wait already.
        """
        known = password_hash is not None
        against = password_hash if password_hash is not None else self._nobody
        same = await self._run(lambda: self._hash.verify(_normalized(password), against))
        return same and known

    def hash_now(self, password: SecretStr) -> str:
        """Hash a password on the calling thread; for the command line, not for requests."""
        return self._hash.hash(_normalized(password))

    def close(self) -> None:
        """Stop the threads."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._taken >= self._places:
            raise TooManyRequests("Too many passwords wait to be checked.", 1)
        self._taken += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work)
        finally:
            self._taken -= 1


def _normalized(password: SecretStr) -> str:
    # NIST SP 800-63B-4 section 3.1.1.2: normalise Unicode before hashing.
    return unicodedata.normalize("NFKC", password.get_secret_value())


@cache
def common_passwords() -> frozenset[str]:
    """The shipped list of common passwords, in lower case."""
    lines = _COMMON_PASSWORDS.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def is_common(password: str) -> bool:
    """Whether a password is on the list, or is made of one on the list as people do it.

    That is: with up to four digits or signs around it, or repeated; also three or fewer
    different characters.
    """
    text = password.casefold()
    bare = text.strip(_DIGITS_AND_SIGNS)
    parts = [text, bare] if len(text) - len(bare) <= _DECORATION else [text]
    period = _period_of(text)
    repeated = period < len(text) and (text[:period] in common_passwords() or period < _SHORT)
    few = len(set(text)) < _SHORT
    return few or repeated or any(part in common_passwords() for part in parts)


def _period_of(text: str) -> int:
    """After how many characters a text begins again; its length if it does not.

    Source: the prefix function of Knuth, Morris and Pratt, in linear time.
    """
    borders = [0] * len(text)
    for end in range(1, len(text)):
        border = borders[end - 1]
        while border and text[end] != text[border]:
            border = borders[border - 1]
        borders[end] = border + (text[end] == text[border])
    return len(text) - borders[-1]


def _not_common(password: SecretStr) -> SecretStr:
    if is_common(_normalized(password)):
        raise ValueError("this password is among the first that an attacker tries")
    return password


NewPassword = Annotated[
    SecretStr,
    Field(min_length=MINIMUM_LENGTH, max_length=MAXIMUM_LENGTH),
    AfterValidator(_not_common),
]
"""A password that may be chosen: 12 to 128 characters of any kind, and not a common one.

Source: NIST SP 800-63B-4, section 3.1.1.2 (length, no composition rules, blocklist).
"""

GivenPassword = Annotated[SecretStr, Field(max_length=MAXIMUM_LENGTH)]
"""A password that is compared with the one that was chosen."""
