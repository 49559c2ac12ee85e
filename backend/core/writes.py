"""How many writes may wait for the databases.

Reads are carried out side by side, and writes in the end one after another: behind SQLite's one
writer, behind a lock, behind the disk. Beyond some number one more write makes none go faster,
but all of them wait longer, and takes a place from a read.
"""

import time
from collections.abc import Awaitable
from typing import TypeVar

from backend.core.settings import Settings

Result = TypeVar("Result")

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Of requests that change no row."""
FEW = 64
"""Writes that are never too many, unless that is more than half of all requests."""
_SHARE_OF_THE_LATEST = 1 / 16
_SHORTEST_SECONDS = 1e-6


class Writes:
    """The writes that the databases of a worker have before them, and what they take.

    There are too many when one more would wait for longer than the settings say, by what the
    latest have taken; also when they are half of all requests that may be in work, so that a
    writer who hangs leaves places to those who read.

    Attributes:
        under_way: how many there are.
        most: how many there may be.
    """

    def __init__(self, settings: Settings) -> None:
        self.under_way = 0
        self._seconds = settings.max_write_wait_milliseconds / 1000
        self._ceiling = max(1, settings.max_concurrent_requests // 2)
        self._floor = min(FEW, self._ceiling)
        self._seconds_each = 0.0
        self.most = self._ceiling

    async def carry_out(self, work: Awaitable[Result]) -> Result:
        """Wait for a write that a database was given."""
        ahead = self.under_way
        self.under_way = ahead + 1
        started = time.monotonic()
        try:
            return await work
        finally:
            self.under_way -= 1
            # By Little's law, also where several are carried out at once or committed together.
            seconds_each = (time.monotonic() - started) / (ahead + 1)
            self._seconds_each += (seconds_each - self._seconds_each) * _SHARE_OF_THE_LATEST
            bearable = int(self._seconds / max(self._seconds_each, _SHORTEST_SECONDS))
            self.most = max(self._floor, min(self._ceiling, bearable))
