"""Reading transactions, also void ones, and the history of each."""

from uuid import UUID

from sqlalchemy.orm import Session

from backend.core.errors import NotFound
from backend.core.paging import PagedRows
from backend.portfolios import services as portfolios
from backend.transactions import queries
from backend.transactions.listing import TransactionListRequest
from backend.transactions.models import Transaction
from backend.transactions.services.writing import MISSING


def browse(
    db: Session, owner_id: UUID, portfolio_id: UUID, wanted: TransactionListRequest
) -> PagedRows[Transaction]:
    """The wanted page; void transactions only if they are asked for.

    Raises:
        NotFound: the owner has no such portfolio.
    """
    portfolios.get(db, owner_id, portfolio_id)
    return queries.page_of(
        db, owner_id, portfolio_id, wanted.page, include_voided=wanted.include_voided
    )


def get(
    db: Session, owner_id: UUID, portfolio_id: UUID, transaction_id: UUID, *, include_voided: bool
) -> Transaction:
    """One transaction; a void one only with `include_voided`.

    Raises:
        NotFound: the portfolio has no such transaction.
    """
    row = queries.one_of(db, owner_id, portfolio_id, transaction_id)
    if row is None or (row.voided_at is not None and not include_voided):
        raise NotFound(MISSING)
    return row


def history(
    db: Session, owner_id: UUID, portfolio_id: UUID, transaction_id: UUID
) -> list[Transaction]:
    """The rows that replace each other, of which the transaction is one, the first one first.

    Raises:
        NotFound: the portfolio has no such transaction.
    """
    row = queries.one_of(db, owner_id, portfolio_id, transaction_id)
    if row is None:
        raise NotFound(MISSING)
    found = []
    link = queries.one_of(db, owner_id, portfolio_id, row.origin_id)
    while link is not None:
        found.append(link)
        link = queries.replacement_of(db, owner_id, link.id)
    return found
