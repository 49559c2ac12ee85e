"""Whether units are there whenever they leave, over the whole timeline of a symbol."""

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from backend.core.errors import Conflict
from backend.ledger.entries import Entry, moves_units
from backend.ledger.replay import Oversell, first_oversell
from backend.transactions.report_schemas import number_text
from backend.transactions.services.content import entries

_TAKES: Final = frozenset({"sell", "transfer_out", "split"})
_GIVES: Final = frozenset({"buy", "transfer_in", "split"})
_COUNTED: Final = (
    *("type", "trade_date", "executed_at", "sequence", "symbol", "currency", "quantity"),
    *("ratio_numerator", "ratio_denominator"),
)
"""What says how many units there are at any time; the rest says what they cost."""


class Oversold(Conflict):
    """More units would leave than there are; the first row that breaks is named."""

    def __init__(self, oversell: Oversell, known_as: Mapping[UUID, UUID | None]) -> None:
        self.row_id = oversell.id
        row_id = known_as.get(oversell.id, oversell.id)
        super().__init__(
            "More units would leave than there are.",
            members={
                "symbol": oversell.symbol,
                "currency": oversell.currency,
                "date": oversell.date.isoformat(),
                "available": number_text(oversell.available),
                "requested": number_text(oversell.requested),
                "missing": number_text(oversell.missing),
                "transaction_id": None if row_id is None else str(row_id),
            },
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
    """Refuse a change after which units leave that are not there.

    `known_as` has the ids under which the client knows rows that are not there yet.

    Raises:
        Oversold: some do.
    """
    for symbol in sorted(symbols):
        timeline = entries(db, owner_id, portfolio_id, symbol=symbol)
        oversell = first_oversell(timeline, allow_short=allow_short)
        if oversell is not None:
            raise Oversold(oversell, known_as)


def _symbol(entry: Entry, kinds: frozenset[str]) -> set[str]:
    moves = entry.type not in ("transfer_in", "transfer_out") or moves_units(entry)
    return {entry.symbol} if entry.symbol and moves and entry.type in kinds else set()
