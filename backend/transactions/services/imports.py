"""Importing a file into a portfolio, and undoing it: all or nothing."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from backend.core import bulk
from backend.core.errors import NotFound, Unprocessable
from backend.core.models import utc_now
from backend.ledger.entries import Entry
from backend.ledger.statements.lines import SupportsRead
from backend.ledger.statements.outcomes import InvalidRow, ReadRow, UnreadableFile
from backend.ledger.statements.reading import Statement, read_statement
from backend.portfolios import services as portfolios
from backend.transactions import queries
from backend.transactions.import_schemas import MOST_ITEMS, ImportedRow, ImportReport, Verdict
from backend.transactions.queries import Place
from backend.transactions.services.content import columns_of, place_in
from backend.transactions.services.known import HashedRow, KnownRows
from backend.transactions.services.timeline import (
    ImpossibleTimeline,
    require_units_of_many,
    symbols_at_risk,
)

MISSING: Final = "The portfolio has no import with this id that is not undone."
AT_ONCE: Final = 500
"""Rows that are looked up and inserted together."""


class NothingKept(Exception):
    """What an import would have done; whoever catches it outside the transaction kept nothing."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__("nothing is kept of the import")
        self.report = report


class UnusableFile(Unprocessable):
    """The file cannot be read; `line` and the `profiles` to choose from are named if known.

    Attributes:
        reason: why, in one sentence.
    """

    def __init__(self, error: UnreadableFile) -> None:
        super().__init__("body", error.reason)
        self.reason = error.reason
        if error.line is not None:
            self.members = {**self.members, "line": error.line}
        if error.profiles:
            self.members = {**self.members, "profiles": list(error.profiles)}


class Layout(NamedTuple):
    """What its sender says of a file, which it does not say itself.

    Attributes:
        profile: the layout; found by the header if None.
        currency: that of amounts in layouts that do not say it.
        timezone: that of times without one, a name of IANA's.
    """

    profile: str | None = None
    currency: str | None = None
    timezone: str = "UTC"


def require_portfolio(db: Session, owner_id: UUID, portfolio_id: UUID) -> None:
    """Refuse a portfolio that is not the owner's, before its file is read.

    Raises:
        NotFound: the owner has no such portfolio.
    """
    portfolios.get(db, owner_id, portfolio_id)


def import_file(
    db: Session,
    owner_id: UUID,
    portfolio_id: UUID,
    file: SupportsRead,
    layout: Layout,
    *,
    dry_run: bool,
    whole: bool = False,
    progress: Callable[[int], None] | None = None,
) -> ImportReport:
    """Add the rows of a file that the portfolio does not have; `progress` is told how many came.

    Args:
        db: the session.
        owner_id: whose portfolio it is.
        portfolio_id: which one.
        file: bytes of CSV or JSON, which are read in pieces.
        layout: what is known of the file beforehand.
        dry_run: only say what would be done.
        whole: keep nothing if a row is invalid or a conflict.
        progress: called after each batch with the number of rows so far.

    Raises:
        NothingKept: with the report, if `dry_run`, or if `whole` and not all rows can be taken.
        NotFound: the owner has no such portfolio.
        Unprocessable: the file cannot be read.
        ImpossibleTimeline: more units would leave than there are, or splits go too far.
    """
    portfolio = portfolios.get(db, owner_id, portfolio_id, for_update=True)
    last = queries.last_place(db, owner_id, portfolio_id)
    run = _Import(db, owner_id, portfolio_id, is_new=last is None)
    try:
        statement = read_statement(
            file,
            profile=layout.profile,
            currency=layout.currency,
            base_currency=portfolio.base_currency,
            zone=ZoneInfo(layout.timezone),
        )
        with bulk.writing_much(db):
            for count in run.take(statement):
                if progress is not None:
                    progress(count)
    except UnreadableFile as error:
        raise UnusableFile(error) from None
    if whole and run.refused:
        # Units that seem to be missing may well be those of a row that was refused.
        raise NothingKept(run.report(statement, dry_run=dry_run, is_kept=False))
    if last is not None and run.first_place is not None and run.first_place < last:
        portfolios.begin_history(db, owner_id, portfolio_id)
    try:
        require_units_of_many(
            db,
            owner_id,
            portfolio_id,
            run.symbols,
            portfolio.cost_basis_method,
            allow_short=portfolio.allow_short,
            known_as=dict.fromkeys(run.lines),
        )
    except ImpossibleTimeline as error:
        error.members = {**error.members, "line": run.lines.get(error.row_id)}
        raise
    report = run.report(statement, dry_run=dry_run, is_kept=not dry_run)
    if dry_run:
        raise NothingKept(report)
    return report


def undo(db: Session, owner_id: UUID, portfolio_id: UUID, import_id: UUID) -> None:
    """Void all rows of an import, edited ones too; the file may then be imported again.

    Raises:
        NotFound: the portfolio has no such import.
        ImpossibleTimeline: units of it have left later, or splits then go too far.
    """
    portfolio = portfolios.get(db, owner_id, portfolio_id, for_update=True)
    rows = list(queries.rows_of_import(db, owner_id, portfolio_id, import_id))
    if not rows:
        raise NotFound(MISSING)
    queries.undo_import(db, owner_id, portfolio_id, import_id, utc_now())
    portfolios.begin_history(db, owner_id, portfolio_id)
    symbols = {
        symbol for kind, symbol in rows if symbol and kind in ("buy", "transfer_in", "split")
    }
    require_units_of_many(
        db,
        owner_id,
        portfolio_id,
        symbols,
        portfolio.cost_basis_method,
        allow_short=portfolio.allow_short,
        known_as={},
    )


class _Import:
    """One import: what it has added, and what became of each row."""

    def __init__(self, db: Session, owner_id: UUID, portfolio_id: UUID, *, is_new: bool) -> None:
        self.symbols: set[str] = set()
        self.lines: dict[UUID, int] = {}
        self.first_place: Place | None = None
        self._import_id = uuid7()
        self._portfolio = db, owner_id, portfolio_id
        self._known = KnownRows(db, owner_id, portfolio_id)
        self._is_new = is_new
        self._counts: Counter[Verdict] = Counter()
        self._items: list[ImportedRow] = []

    def take(self, statement: Statement) -> Iterator[int]:
        """Add the rows that are new; gives after each batch how many came so far."""
        for batch in _batches(statement):
            rows = [HashedRow.of(one) for one in batch if isinstance(one, ReadRow)]
            # What this import adds is known without a look.
            if not self._is_new:
                self._known.look(rows)
            hashed = iter(rows)
            columns = []
            for one in batch:
                if isinstance(one, InvalidRow):
                    self._note(one.line, "invalid", field=one.field, reason=one.reason)
                elif (new := self._added(next(hashed))) is not None:
                    columns.append(new)
            queries.add_all(*self._portfolio[:2], columns)
            yield self._counts.total()

    @property
    def refused(self) -> int:
        """How many rows could not be taken."""
        return self._counts["invalid"] + self._counts["conflict"]

    def report(self, statement: Statement, *, dry_run: bool, is_kept: bool) -> ImportReport:
        """What became of the file."""
        counts = self._counts
        created = counts["created"] + counts["possible_duplicate"]
        return ImportReport(
            import_id=self._import_id if is_kept and created else None,
            dry_run=dry_run,
            profile=statement.profile,
            created=created,
            duplicates=counts["duplicate"],
            possible_duplicates=counts["possible_duplicate"],
            conflicts=counts["conflict"],
            invalid=counts["invalid"],
            skipped=statement.skipped,
            items=self._items
            if is_kept
            else [one.model_copy(update={"transaction_id": None}) for one in self._items],
            truncated=counts.total() > len(self._items),
        )

    def _added(self, one: HashedRow) -> dict[str, Any] | None:
        found = self._known.judge(one)
        row = one.row
        if found.status not in ("created", "possible_duplicate"):
            self._note(row.line, found.status, reason=found.reason)
            return None
        entry: Entry = row.values._replace(id=uuid7())
        self.symbols |= symbols_at_risk(None, entry)
        self.lines[entry.id] = row.line
        self._note(row.line, found.status, transaction_id=entry.id, reason=found.reason)
        columns = columns_of(entry, entry.id)
        place = place_in(columns)
        if self.first_place is None or place < self.first_place:
            self.first_place = place
        return {
            **columns,
            "portfolio_id": self._portfolio[2],
            "source": row.source,
            "external_id": row.external_id,
            "row_hash": one.hash,
            "row_occurrence": found.occurrence,
            "import_id": self._import_id,
            "note": row.note or None,
        }

    def _note(self, line: int, status: Verdict, **more: Any) -> None:
        self._counts[status] += 1
        if self._counts[status] <= MOST_ITEMS:
            self._items.append(ImportedRow(line=line, status=status, **more))


def _batches(
    outcomes: Iterable[ReadRow | InvalidRow],
) -> Iterator[list[ReadRow | InvalidRow]]:
    stream = iter(outcomes)
    while batch := list(islice(stream, AT_ONCE)):
        yield batch
