"""The order in which entries take effect, whatever order they were written in."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Final
from uuid import UUID

from backend.ledger.entries import Entry, EntryType

RANKS: Final[dict[EntryType, int]] = {"split": 0, "buy": 1, "transfer_in": 1, "deposit": 1}
"""The order of types within one instant and sequence; a type that is not here has LAST_RANK."""

LAST_RANK: Final = 2

ReplayKey = tuple[date, datetime, int, int, UUID]


def replay_key(entry: Entry) -> ReplayKey:
    """What entries are replayed by: date, instant, sequence, rank, id.

    The instant is `executed_at`, or else the start of `trade_date` in UTC; one without a zone
    is read as UTC.
    """
    instant = entry.executed_at
    if instant is None:
        instant = datetime.combine(entry.trade_date, time.min, UTC)
    elif instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    rank = RANKS.get(entry.type, LAST_RANK)
    return entry.trade_date, instant, entry.sequence, rank, entry.id


def in_replay_order(entries: Iterable[Entry]) -> list[Entry]:
    """The entries in replay order."""
    return sorted(entries, key=replay_key)
