"""Positions of a portfolio, which go on from where they were replayed to before.

A replay is kept with the id of its last transaction and the portfolio's history. A history ends
with each change but the adding of transactions after the last one, and no two have the same id.
So where the history is still the same and that transaction still there, all before it is as it
was: only what comes after it has to be read. Nothing here can be out of date, whoever wrote.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from datetime import date
from threading import Lock
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from backend.ledger.methods import Method, Position
from backend.ledger.replay import Replay
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
            self._size += kept.size - (old.size if old else 0)
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
    kept = _REPLAYS.get(key)
    if kept is not None and kept.history_id == history_id:
        run = _gone_on(db, key, kept)
        if run is not None:
            return list(run.positions.values())
    run, last_id = _replayed(db, key, Replay(method, allow_short=SHORTS))
    _keep(db, key, run, history_id, last_id)
    return list(run.positions.values())


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
    new = Stored(stored.dialect, iter(rows[1:]))
    run, last_id = _replayed(db, key, kept.run.copy(), new)
    _keep(db, key, run, kept.history_id, last_id)
    return run


def _replayed(
    db: Session, key: _Key, run: Replay, stored: Stored | None = None
) -> tuple[Replay, UUID | None]:
    """A replay with rows, by default with all, and the id of the last one."""
    if stored is None:
        stored = queries.said(db, key.owner_id, key.portfolio_id, up_to=key.up_to)
    last: list[Sequence[Any]] = []
    noting = Stored(stored.dialect, _noting_the_last(stored.rows, last))
    run.take(entries_of(noting, with_ids=key.with_ids))
    return run, _id_of(last[0]) if last else None


def _keep(
    db: Session, key: _Key, run: Replay, history_id: UUID | None, last_id: UUID | None
) -> None:
    place = None if last_id is None else queries.place_of(db, key.owner_id, last_id)
    if last_id is None or place is None:
        return
    size = sum(1 + len(position.lots()) for position in run.positions.values())
    _REPLAYS.put(key, _Kept(run, history_id, last_id, place, size))


def _noting_the_last(
    rows: Iterator[Sequence[Any]], last: list[Sequence[Any]]
) -> Iterator[Sequence[Any]]:
    row = None
    for row in rows:
        yield row
    if row is not None:
        last.append(row)


def _id_of(row: Sequence[Any]) -> UUID:
    """The id of a row as the driver gave it."""
    return row[0] if isinstance(row[0], UUID) else UUID(row[0])
