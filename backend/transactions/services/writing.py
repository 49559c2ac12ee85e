"""Adding, editing and voiding transactions: rows are written once, and never changed."""

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from backend.core.conditional import require_match
from backend.core.errors import Conflict, FieldError, NotFound
from backend.core.models import utc_now
from backend.ledger.entries import Entry
from backend.ledger.statements.identity import row_hash
from backend.portfolios import services as portfolios
from backend.transactions import queries
from backend.transactions.models import Transaction, VoidReason
from backend.transactions.schemas import TransactionChange, TransactionCreate
from backend.transactions.services.content import (
    SAID,
    columns_of,
    edited,
    entry_of,
    place_in,
    require_usable,
    with_all_places,
)
from backend.transactions.services.timeline import require_units, symbols_at_risk

MISSING = "The portfolio has no transaction with this id."


class Added(NamedTuple):
    """A transaction, and whether it was there before."""

    row: Transaction
    is_new: bool


def create(db: Session, owner_id: UUID, portfolio_id: UUID, data: TransactionCreate) -> Added:
    """Add a transaction; one that says the same under the same `external_id` is there already.

    Raises:
        NotFound: the owner has no such portfolio.
        InvalidRequest: its type lacks something, or its amounts do not agree.
        ImpossibleTimeline: more units would leave than there are, now or later, or splits go
            too far.
        Conflict: another transaction has its `external_id`.
    """
    portfolio = portfolios.get(db, owner_id, portfolio_id, for_update=True)
    said: dict[str, Any] = {name: getattr(data, name) for name in SAID}
    if "currency" not in data.model_fields_set:
        said["currency"] = portfolio.base_currency
    entry = Entry(id=uuid7(), **said)
    require_usable(entry)
    hashed = row_hash(entry)
    if data.external_id is not None:
        there = queries.live_by_external_id(
            db, owner_id, portfolio_id, data.source, data.external_id
        )
        if there is not None:
            if hashed not in (there.row_hash, row_hash(entry_of(there))):
                raise _taken()
            return Added(there, is_new=False)
    columns = with_all_places(columns_of(entry, entry.id))
    last = queries.last_place(db, owner_id, portfolio_id)
    if last is not None and place_in(columns) < last:
        portfolios.begin_history(db, owner_id, portfolio_id)
    row = queries.save(
        db,
        Transaction(
            user_id=owner_id,
            portfolio_id=portfolio_id,
            source=data.source,
            external_id=data.external_id,
            row_hash=hashed,
            note=data.note,
            **columns,
        ),
    )
    require_units(
        db,
        owner_id,
        portfolio_id,
        symbols_at_risk(None, entry),
        allow_short=portfolio.allow_short,
        known_as={row.id: None},
    )
    return Added(row, is_new=True)


def change(
    db: Session,
    owner_id: UUID,
    portfolio_id: UUID,
    transaction_id: UUID,
    changes: TransactionChange,
    *,
    if_match: str | None = None,
) -> Transaction:
    """Void a transaction and add the one that replaces it, which keeps its place in the order.

    Without any change the transaction stays.

    Raises:
        NotFound: the portfolio has no such transaction, or it is void.
        PreconditionFailed: `if_match` names another version.
        InvalidRequest: its type then lacks something, or its amounts do not agree.
        ImpossibleTimeline: more units would leave than there are, now or later, or splits go
            too far.
        Conflict: another transaction has its `external_id`.
    """
    portfolio = portfolios.get(db, owner_id, portfolio_id, for_update=True)
    row = _live(db, owner_id, portfolio_id, transaction_id)
    require_match(if_match, row)
    named = {name: getattr(changes, name) for name in changes.model_fields_set}
    if not named:
        return row
    before = entry_of(row)
    after = edited(row, named)._replace(id=uuid7())
    require_usable(after)
    _void(db, row, "edited")
    source = named.get("source", row.source)
    external_id = named.get("external_id", row.external_id)
    if external_id is not None and queries.live_by_external_id(
        db, owner_id, portfolio_id, source, external_id
    ):
        raise _taken()
    replacement = queries.save(
        db,
        Transaction(
            user_id=owner_id,
            portfolio_id=portfolio_id,
            source=source,
            external_id=external_id,
            # A row of a file is known by what the file says, however it is edited here.
            row_hash=row_hash(after) if row.import_id is None else row.row_hash,
            row_occurrence=row.row_occurrence,
            import_id=row.import_id,
            note=named.get("note", row.note),
            replaces_id=row.id,
            **with_all_places(columns_of(after, row.origin_id)),
        ),
    )
    require_units(
        db,
        owner_id,
        portfolio_id,
        symbols_at_risk(before, after),
        allow_short=portfolio.allow_short,
        known_as={replacement.id: row.id},
    )
    return replacement


def remove(
    db: Session,
    owner_id: UUID,
    portfolio_id: UUID,
    transaction_id: UUID,
    *,
    if_match: str | None = None,
) -> None:
    """Void a transaction: it counts no more, and stays in its history.

    Raises:
        NotFound: the portfolio has no such transaction, or it is void.
        PreconditionFailed: `if_match` names another version.
        ImpossibleTimeline: units of it have left later, or splits then go too far.
    """
    portfolio = portfolios.get(db, owner_id, portfolio_id, for_update=True)
    row = _live(db, owner_id, portfolio_id, transaction_id)
    require_match(if_match, row)
    before = entry_of(row)
    _void(db, row, "removed")
    require_units(
        db,
        owner_id,
        portfolio_id,
        symbols_at_risk(before, None),
        allow_short=portfolio.allow_short,
        known_as={},
    )


def _live(db: Session, owner_id: UUID, portfolio_id: UUID, transaction_id: UUID) -> Transaction:
    row = queries.one_of(db, owner_id, portfolio_id, transaction_id)
    if row is None or row.voided_at is not None:
        raise NotFound(MISSING)
    return row


def _void(db: Session, row: Transaction, reason: VoidReason) -> None:
    row.voided_at = utc_now()
    row.void_reason = reason
    queries.save(db, row)
    portfolios.begin_history(db, row.user_id, row.portfolio_id)


def _taken() -> Conflict:
    return Conflict(
        "Another transaction has this external_id and says something else.",
        errors=[FieldError(pointer="body/external_id", detail="is taken")],
    )
