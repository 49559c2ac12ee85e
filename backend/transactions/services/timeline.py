"""Whether units are there whenever they leave, over the whole timeline of a symbol."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from backend.core.errors import Conflict
from backend.ledger.entries import Entry, moves_units
from backend.ledger.methods import Method
from backend.ledger.replay import Oversell, first_oversell
from backend.ledger.splits import LARGEST_RATIO, Oversplit, bounded
from backend.transactions import queries
from backend.transactions.report_schemas import number_text
from backend.transactions.services import positions
from backend.transactions.services.content import entries

_TAKES: Final = frozenset({"sell", "transfer_out", "split"})
_GIVES: Final = frozenset({"buy", "transfer_in", "split"})
_COUNTED: Final = (
    *("type", "trade_date", "executed_at", "sequence", "symbol", "currency", "quantity"),
    *("ratio_numerator", "ratio_denominator"),
)
"""What says how many units there are at any time; the rest says what they cost."""


class ImpossibleTimeline(Conflict):
    """What happened to a symbol cannot be so; the first row that breaks is named.

    Attributes:
        row_id: that row, also where the client does not know it yet.
    """

    def __init__(
        self,
        detail: str,
        broken: Oversell | Oversplit,
        known_as: Mapping[UUID, UUID | None],
        **members: str,
    ) -> None:
        self.row_id = broken.id
        row_id = known_as.get(broken.id, broken.id)
        super().__init__(
            detail,
            members={
                "symbol": broken.symbol,
                "date": broken.date.isoformat(),
                **members,
                "transaction_id": None if row_id is None else str(row_id),
            },
        )


class Oversold(ImpossibleTimeline):
    """More units would leave than there are."""

    def __init__(self, oversell: Oversell, known_as: Mapping[UUID, UUID | None]) -> None:
        super().__init__(
            "More units would leave than there are.",
            oversell,
            known_as,
            currency=oversell.currency,
            available=number_text(oversell.available),
            requested=number_text(oversell.requested),
            missing=number_text(oversell.missing),
        )


class SplitTooFar(ImpossibleTimeline):
    """Splits would make more of a unit, or of more units one, than can be counted."""

    def __init__(self, oversplit: Oversplit, known_as: Mapping[UUID, UUID | None]) -> None:
        super().__init__(
            "The splits of the symbol, one after the other, would make more than"
            f" {LARGEST_RATIO} units of one, or one of more than that.",
            oversplit,
            known_as,
        )


def symbols_at_risk(before: Entry | None, after: Entry | None) -> set[str]:
    """The symbols of which units may be missing after a change.

    More units at some time, with all else as it was, leave none missing at any time; so a
    purchase that is added, or a sale that is taken out, needs no look. Nor does an edit of what
    units cost.
    """
    if before is not None and after is not None:
        if all(getattr(before, name) == getattr(after, name) for name in _COUNTED):
            return set()
        kinds = _TAKES | _GIVES
        return _symbol(before, kinds) | _symbol(after, kinds)
    if after is not None:
        return _symbol(after, _TAKES)
    return set() if before is None else _symbol(before, _GIVES)


def require_units(
    db: Session,
    owner_id: UUID,
    portfolio_id: UUID,
    symbols: Iterable[str],
    *,
    allow_short: bool,
    known_as: Mapping[UUID, UUID | None],
) -> None:
    """Refuse a change after which units leave that are not there, or splits go too far.

    `known_as` has the ids under which the client knows rows that are not there yet.

    Raises:
        Oversold: some do.
        SplitTooFar: there are more units, or fewer, than can be counted.
    """
    for symbol in sorted(symbols):
        timeline = entries(db, owner_id, portfolio_id, symbol=symbol)
        try:
            oversell = first_oversell(bounded(timeline), allow_short=allow_short)
        except Oversplit as oversplit:
            raise SplitTooFar(oversplit, known_as) from None
        if oversell is not None:
            raise Oversold(oversell, known_as)


def require_units_of_many(
    db: Session,
    owner_id: UUID,
    portfolio_id: UUID,
    symbols: Collection[str],
    method: Method,
    *,
    allow_short: bool,
    known_as: Mapping[UUID, UUID | None],
) -> None:
    """Refuse what `require_units` does; by one replay of all symbols, where that is no more work.

    Reports by this method go on from that replay once the change is committed.

    Raises:
        Oversold, SplitTooFar: as `require_units` says.
    """
    if symbols and _have_most_rows(db, owner_id, portfolio_id, symbols):
        possible = positions.replay_all(db, owner_id, portfolio_id, method, allow_short=allow_short)
        if possible:
            return
    # Also where one of the other symbols is what is not possible: it was allowed once.
    require_units(db, owner_id, portfolio_id, symbols, allow_short=allow_short, known_as=known_as)


def _have_most_rows(
    db: Session, owner_id: UUID, portfolio_id: UUID, symbols: Collection[str]
) -> bool:
    rows = queries.rows_by_symbol(db, owner_id, portfolio_id)
    return 2 * sum(rows.get(symbol, 0) for symbol in symbols) >= sum(rows.values())


def _symbol(entry: Entry, kinds: frozenset[str]) -> set[str]:
    moves = entry.type not in ("transfer_in", "transfer_out") or moves_units(entry)
    return {entry.symbol} if entry.symbol and moves and entry.type in kinds else set()
