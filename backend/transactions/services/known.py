"""Which rows of a file a portfolio has already."""

from collections import Counter
from collections.abc import Iterable
from itertools import count
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from backend.ledger.statements.identity import row_hash
from backend.ledger.statements.outcomes import ReadRow
from backend.transactions import queries
from backend.transactions.import_schemas import Verdict

REMOVED: Final = "You removed it; it is not brought back."
SAME_ID: Final = "Another row has this id and says something else."
SAME_CONTENT: Final = "Another row says the same."
ALL_AT_ONCE: Final = 100_000
"""Rows of a portfolio that are read at once where a file has more rows than one batch."""

_Key = tuple[str, str]


class HashedRow(NamedTuple):
    """A row of a file, and the hash of what it says."""

    row: ReadRow
    hash: str

    @classmethod
    def of(cls, row: ReadRow) -> "HashedRow":
        """The row with its hash."""
        return cls(row, row_hash(row.values))


class Known(NamedTuple):
    """What becomes of a row: it is new if `created` or a `possible_duplicate`.

    `occurrence` is which one of the equal rows it is, where it has no id.
    """

    status: Verdict
    reason: str | None = None
    occurrence: int | None = None


class KnownRows:
    """The rows that a portfolio has, and those of the file so far.

    The first rows of a file are looked up; where more come, all rows of the portfolio are read
    at once, since looking up a file in pieces took time that grew with its square on a PostgreSQL
    that has no statistics of a new portfolio. Only a portfolio of more than `ALL_AT_ONCE` rows is
    looked up to the end. It keeps some 300 bytes for each row of the file, and of those read.
    """

    def __init__(self, db: Session, owner_id: UUID, portfolio_id: UUID) -> None:
        self._portfolio = db, owner_id, portfolio_id
        self._ids: dict[_Key, str] = {}
        self._equal: Counter[_Key] = Counter()
        self._occurrences: dict[_Key, set[int]] = {}
        self._seen: Counter[_Key] = Counter()
        self._asked: set[str] = set()
        self._batches = 0
        self._has_all = False
        self._hashes: set[str] = set()
        self._removed_ids: set[_Key] = set()
        self._removed: Counter[_Key] = Counter()
        for source, external_id, hashed in queries.removed_rows(db, owner_id, portfolio_id):
            if external_id is not None:
                self._removed_ids.add((source, external_id))
            elif hashed is not None:
                self._removed[source, hashed] += 1

    def look(self, rows: Iterable[HashedRow]) -> None:
        """Ask for what the portfolio has of some rows, before any of them is added."""
        self._batches += 1
        if self._batches == 2:  # noqa: PLR2004 - more than one batch
            self._take_all()
        if self._has_all:
            return
        hashes = {one.hash for one in rows} - self._asked
        for found in queries.equal_rows(*self._portfolio, hashes=hashes):
            self._count(*found)
        self._asked |= hashes
        ids = {one.row.external_id for one in rows if one.row.external_id is not None}
        for source, external_id, hashed in queries.rows_with_ids(
            *self._portfolio, external_ids=ids
        ):
            self._ids.setdefault((source, external_id), hashed)

    def _take_all(self) -> None:
        found = queries.identities(*self._portfolio, most=ALL_AT_ONCE + 1)
        if len(found) > ALL_AT_ONCE:
            return
        self._has_all = True
        for source, external_id, hashed, occurrence in found:
            # What was asked for is counted; among it are the rows that were added since.
            if hashed is not None and hashed not in self._asked:
                self._count(source, external_id, hashed, occurrence)
            if external_id is not None:
                self._ids.setdefault((source, external_id), hashed or "")

    def _count(
        self, source: str, external_id: str | None, hashed: str, occurrence: int | None
    ) -> None:
        self._hashes.add(hashed)
        if external_id is None:
            key = source, hashed
            self._equal[key] += 1
            self._occurrences.setdefault(key, set()).add(occurrence or 0)

    def judge(self, one: HashedRow) -> Known:
        """What becomes of a row, which is counted as there from now on."""
        row, hashed = one
        if row.external_id is not None:
            found = self._with_id((row.source, row.external_id), hashed)
        else:
            found = self._without_id((row.source, hashed))
        if found.status != "created":
            return found
        if hashed in self._hashes:
            found = found._replace(status="possible_duplicate", reason=SAME_CONTENT)
        self._hashes.add(hashed)
        return found

    def _with_id(self, key: _Key, hashed: str) -> Known:
        there = self._ids.get(key)
        if there is not None:
            if there == hashed:
                return Known("duplicate")
            return Known("conflict", SAME_ID)
        if key in self._removed_ids:
            return Known("duplicate", REMOVED)
        self._ids[key] = hashed
        return Known("created")

    def _without_id(self, key: _Key) -> Known:
        self._seen[key] = number = self._seen[key] + 1
        if number <= self._equal[key]:
            return Known("duplicate")
        if number <= self._equal[key] + self._removed[key]:
            return Known("duplicate", REMOVED)
        used = self._occurrences.get(key)
        if used is not None:
            number = next(one for one in count(1) if one not in used)
            used.add(number)
        return Known("created", occurrence=number)
