"""What a transaction says, as the ledger reads it and as its row keeps it."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from backend.core.errors import FieldError, InvalidRequest
from backend.ledger.entries import Entry, UnusableEntry, net_amount
from backend.ledger.exact import EXACT
from backend.ledger.faults import faults
from backend.ledger.ordering import replay_key
from backend.transactions import queries
from backend.transactions.models import Transaction
from backend.transactions.queries import Place
from backend.transactions.services.stored import entries_of

SAID: Final = tuple(name for name in Entry._fields if name != "id")
"""The columns that say what happened."""

_in_place = itemgetter(*Place._fields)
_PLACES: Final = 18
_WHOLE_DIGITS: Final = 20
_QUANTUM: Final = Decimal(1).scaleb(-_PLACES)
_MAKE_THE_AMOUNT: Final = frozenset(
    {"type", "quantity", "price", "fee", "tax", "multiplier", "symbol"}
)


def entries(
    db: Session,
    owner_id: UUID,
    portfolio_id: UUID,
    *,
    symbol: str | None = None,
    up_to: date | None = None,
    with_ids: bool = True,
) -> Iterable[Entry]:
    """What a portfolio's transactions say, without void ones, in replay order.

    With `symbol` those of it alone; with `up_to` those until the end of that day; without
    `with_ids` quicker.
    """
    stored = queries.said(db, owner_id, portfolio_id, symbol=symbol, up_to=up_to)
    return entries_of(stored, with_ids=with_ids)


def entry_of(row: Transaction) -> Entry:
    """What a row says, its price with no more places than it needs."""
    said = {name: getattr(row, name) for name in SAID}
    if row.price is not None:
        said["price"] = row.price.normalize(EXACT)
    return Entry(id=row.id, **said)


def edited(row: Transaction, changes: dict[str, Any]) -> Entry:
    """What a row says after changes.

    An amount that followed from what changes, and was not stated, follows from it again.
    """
    before = entry_of(row)
    if (
        "net_amount" not in changes
        and not _MAKE_THE_AMOUNT.isdisjoint(changes)
        and stored_amount(before._replace(net_amount=None)) == before.net_amount
    ):
        before = before._replace(net_amount=None)
    return before._replace(**{name: changes[name] for name in SAID if name in changes})


def require_usable(entry: Entry) -> None:
    """Refuse what the ledger cannot replay.

    Raises:
        InvalidRequest: something is missing, too much, or does not agree.
    """
    found = faults(entry)
    if found:
        raise InvalidRequest(
            [FieldError(pointer=f"body/{fault.field}", detail=fault.reason) for fault in found]
        )


def stored_amount(entry: Entry) -> Decimal | None:
    """The cash effect as its column keeps it; None where it has more digits than that."""
    if entry.net_amount is not None:
        return entry.net_amount
    try:
        amount = net_amount(entry)
    except UnusableEntry:
        return None
    amount = amount.normalize(EXACT)
    exponent = amount.as_tuple().exponent
    fits = isinstance(exponent, int) and exponent >= -_PLACES and amount.adjusted() < _WHOLE_DIGITS
    return amount if fits or not amount else None


def columns_of(entry: Entry, origin_id: UUID) -> dict[str, Any]:
    """The columns of a row that says this, and those that give its place in the replay."""
    _, instant, _, rank, _ = replay_key(entry)
    return {
        **entry._asdict(),
        "net_amount": stored_amount(entry),
        "effective_at": instant,
        "replay_rank": rank,
        "origin_id": origin_id,
    }


def place_in(columns: dict[str, Any]) -> Place:
    """The place in the replay order that a row's columns say."""
    return Place._make(_in_place(columns))


def with_all_places(columns: dict[str, Any]) -> dict[str, Any]:
    """The columns with numbers as the database gives them back."""
    return {
        name: value.quantize(_QUANTUM, context=EXACT) if isinstance(value, Decimal) else value
        for name, value in columns.items()
    }
