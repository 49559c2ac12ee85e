"""Positions of a portfolio, which go on from where they were replayed to before.

A replay is kept with the id of its last transaction and the portfolio's history. A history ends
with each change but the adding of transactions after the last one, and no two have the same id.
So where the history is still the same and that transaction still there, all before it is as it
was: only what comes after it has to be read. Nothing here can be out of date, whoever wrote.
Replays are those of reports, and those that check what an import makes of all transactions.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from threading import Lock
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from backend.core.commits import once_committed
from backend.ledger.entries import Entry, UnusableEntry
from backend.ledger.methods import Method, Position
from backend.ledger.replay import Oversell, Replay
from backend.ledger.splits import Oversplit, bounded
from backend.portfolios import services as portfolios
from backend.transactions import queries
from backend.transactions.queries import Place, Stored
from backend.transactions.services.stored import entries_of

LOTS_MAX: Final = 100_000
"""Lots that are kept in all, of some 500 bytes each."""

# What is there was allowed when it was written: reports never refuse it.
SHORTS: Final = True


class _Key(NamedTuple):
    owner_id: UUID
    portfolio_id: UUID
    method: Method
    up_to: date | None
    with_ids: bool


class _Kept(NamedTuple):
    """A replay up to a transaction. It is never changed: what goes on from it is a copy."""

    run: Replay
    history_id: UUID | None
    last_id: UUID
    last_place: Place
    size: int


class _Replays:
    """The replays that were used last, of all portfolios."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def get(self, key: _Key) -> _Kept | None:
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
            return kept

    def put(self, key: _Key, kept: _Kept) -> None:
        with self._lock:
            old = self._kept.pop(key, None)
            self._size -= old.size if old else 0
            if kept.size > LOTS_MAX:
                return  # and none of the others has to go for it
            self._size += kept.size
            self._kept[key] = kept
            while self._size > LOTS_MAX:
                _, dropped = self._kept.popitem(last=False)
                self._size -= dropped.size


_REPLAYS: Final = _Replays()


def positions(
    db: Session,
    owner_id: UUID,
    portfolio_id: UUID,
    method: Method,
    *,
    up_to: date | None,
    with_ids: bool,
) -> Sequence[Position]:
    """The positions at the end of a day, or after the last transaction; they are to be read only.

    Without `with_ids` their lots have no ids of transactions.
    """
    key = _Key(owner_id, portfolio_id, method, up_to, with_ids)
    history_id = portfolios.history_id(db, owner_id, portfolio_id)
    # Lots with ids also serve those who need none.
    for kept in map(_REPLAYS.get, dict.fromkeys((key, key._replace(with_ids=True)))):
        if kept is not None and kept.history_id == history_id:
            run = _gone_on(db, key, kept)
            if run is not None:
                return list(run.positions.values())
    last = _Last()
    run = Replay(method, allow_short=SHORTS)
    run.take(last.noted(queries.said(db, owner_id, portfolio_id, up_to=up_to), key))
    _keep(key, _to_keep(db, key, history_id, run, last))
    return list(run.positions.values())


def replay_all(
    db: Session, owner_id: UUID, portfolio_id: UUID, method: Method, *, allow_short: bool
) -> bool:
    """Replay what a change has made of all transactions; reports go on from it once it is kept.

    Call it under the lock of the portfolio, when all is written and its history begun anew if it
    has to be. Nothing is kept of a transaction that is rolled back; what would be kept of a
    savepoint that is, is not found again.

    Returns:
        Whether they are possible: no units leave that are not there, and no split goes too far.
    """
    key = _Key(owner_id, portfolio_id, method, None, with_ids=True)
    history_id = portfolios.history_id(db, owner_id, portfolio_id)
    last = _Last()
    run = Replay(method, allow_short=allow_short)
    try:
        run.take(bounded(last.noted(queries.said(db, owner_id, portfolio_id), key)))
    except (Oversell, Oversplit, UnusableEntry):
        return False
    once_committed(db, partial(_keep, key, _to_keep(db, key, history_id, run, last)))
    return True


def _gone_on(db: Session, key: _Key, kept: _Kept) -> Replay | None:
    """The replay with what has come since; None if it does not hold any more."""
    stored = queries.said(
        db, key.owner_id, key.portfolio_id, up_to=key.up_to, since=kept.last_place
    )
    rows = list(stored.rows)
    if not rows or _id_of(rows[0]) != kept.last_id:
        return None
    # On PostgreSQL each statement sees what was committed before it: the rows are of the history
    # only if it was there before and after them.
    if portfolios.history_id(db, key.owner_id, key.portfolio_id) != kept.history_id:
        return None
    if len(rows) == 1:
        return kept.run
    last = _Last()
    run = kept.run.copy(allow_short=SHORTS)
    run.take(last.noted(Stored(stored.dialect, iter(rows[1:])), key))
    _keep(key, _to_keep(db, key, kept.history_id, run, last))
    return run


class _Last:
    """The last one of the rows that were read."""

    def __init__(self) -> None:
        self._row: Sequence[Any] | None = None

    def noted(self, stored: Stored, key: _Key) -> Iterator[Entry]:
        """The entries that rows say; when all are read, the last one is known."""
        return entries_of(
            Stored(stored.dialect, self._passed_on(stored.rows)), with_ids=key.with_ids
        )

    def _passed_on(self, rows: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        row = None
        for row in rows:
            yield row
        self._row = row

    @property
    def id(self) -> UUID | None:
        """Its id; None if there was no row."""
        return None if self._row is None else _id_of(self._row)


def _to_keep(
    db: Session, key: _Key, history_id: UUID | None, run: Replay, last: _Last
) -> _Kept | None:
    """What is to be kept of a replay; None if it had no row."""
    last_id = last.id
    place = None if last_id is None else queries.place_of(db, key.owner_id, last_id)
    if last_id is None or place is None:
        return None
    size = sum(1 + len(position.lots()) for position in run.positions.values())
    return _Kept(run, history_id, last_id, place, size)


def _keep(key: _Key, kept: _Kept | None) -> None:
    if kept is not None:
        _REPLAYS.put(key, kept)


def _id_of(row: Sequence[Any]) -> UUID:
    """The id of a row as the driver gave it."""
    return row[0] if isinstance(row[0], UUID) else UUID(row[0])
