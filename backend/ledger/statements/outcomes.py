"""What becomes of the rows of a file."""

from collections.abc import Iterable
from typing import Final, NamedTuple
from uuid import UUID

from backend.ledger.entries import Entry

NO_ID: Final = UUID(int=0)
"""The id of an entry that is not stored yet."""

SYMBOL_MAX: Final = 64
SOURCE_MAX: Final = 40
EXTERNAL_ID_MAX: Final = 200
NOTE_MAX: Final = 1000
"""Longest texts in characters; a longer note is cut, anything else that is longer is invalid."""


class UnreadableFile(ValueError):
    """The file as a whole cannot be read, or not from this line on.

    `profiles` names those to choose from where the layout was not recognised.
    """

    def __init__(self, reason: str, *, line: int | None = None, profiles: Iterable[str] = ()):
        super().__init__(reason if line is None else f"line {line}: {reason}")
        self.reason = reason
        self.line = line
        self.profiles = tuple(profiles)


class BadValue(ValueError):
    """A row cannot become an entry; `field` names the column of a transaction, if it is one."""

    def __init__(self, reason: str, field: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


class ReadRow(NamedTuple):
    """A transaction that was read.

    `line` is the first line of its row, counted from 1. The id of `values` is NO_ID. A row that
    says several things, such as a trade and a fee in another currency, gives several of these.
    """

    line: int
    values: Entry
    source: str = ""
    external_id: str | None = None
    note: str | None = None


class InvalidRow(NamedTuple):
    """A row that cannot become a transaction, and what its author can do about it."""

    line: int
    reason: str
    field: str | None = None


class SkippedRow(NamedTuple):
    """A row that is no transaction and is not meant to be one; reasons are a fixed few."""

    line: int
    reason: str


Outcome = ReadRow | InvalidRow | SkippedRow
