"""The order of transactions that a file gives, as numbers."""

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Final

from backend.ledger.entries import Entry
from backend.ledger.statements.outcomes import Outcome, ReadRow

_LOOK_AHEAD: Final = 1000
_SEQUENCE: Final = Entry._fields.index("sequence")


def numbered(outcomes: Iterable[Outcome], *, newest_first: bool) -> Iterator[Outcome]:
    """The outcomes, with transactions numbered so that an earlier one has the lesser number.

    Which way the file goes is told by the first two transactions of different days or
    instants; where none of the first thousand differ, `newest_first` is believed. Numbers go up
    from 1 or down from -1.
    """
    stream = iter(outcomes)
    held: list[Outcome] = []
    first: ReadRow | None = None
    step = -1 if newest_first else 1
    for outcome in stream:
        held.append(outcome)
        if isinstance(outcome, ReadRow):
            first = first or outcome
            if way := _way(first, outcome):
                step = way
                break
        if len(held) >= _LOOK_AHEAD:
            break
    numbers = count(step, step)
    for rows in (held, stream):
        for outcome in rows:
            if isinstance(outcome, ReadRow):
                line, values, source, external_id, note = outcome
                # By position: `_replace` takes three times as long, for each row of a file.
                values = Entry._make((*values[:_SEQUENCE], next(numbers), *values[_SEQUENCE + 1 :]))
                yield ReadRow(line, values, source, external_id, note)
            else:
                yield outcome


def _way(first: ReadRow, other: ReadRow) -> int:
    """1 if the other is later, -1 if it is earlier, 0 if that cannot be told."""
    before, after = first.values, other.values
    if before.trade_date != after.trade_date:
        return 1 if after.trade_date > before.trade_date else -1
    if before.executed_at is None or after.executed_at is None:
        return 0
    return (after.executed_at > before.executed_at) - (after.executed_at < before.executed_at)
