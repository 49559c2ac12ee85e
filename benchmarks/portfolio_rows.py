"""Rows of large portfolios, written without a request: importing a million takes minutes."""

from collections.abc import Iterator
from itertools import islice
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from backend.core import bulk
from backend.core.engine import make_engine
from backend.ledger.entries import Entry
from backend.transactions import queries
from backend.transactions.services.content import columns_of
from benchmarks.ledger import random_entries

_DIFFERENT = 100_000
_SYMBOLS = 50
_AT_ONCE = 1000
_OF_A_TRANSACTION = 50_000


def add_rows(url: str, owner_id: UUID, portfolio_id: UUID, number: int) -> None:
    """Add so many purchases and sales to a portfolio, none an oversell."""
    engine = make_engine(url)
    rows = _rows(portfolio_id, number)
    more = True
    while more:
        with Session(engine) as db, db.begin(), bulk.writing_much(db):
            written = 0
            while written < _OF_A_TRANSACTION and (batch := list(islice(rows, _AT_ONCE))):
                queries.add_all(db, owner_id, batch)
                written += len(batch)
        more = written == _OF_A_TRANSACTION
    engine.dispose()


def _rows(portfolio_id: UUID, number: int) -> Iterator[dict[str, object]]:
    for entry in islice(_entries(number), number):
        yield {
            **columns_of(entry, entry.id),
            "portfolio_id": portfolio_id,
            "source": "manual",
        }


def _entries(number: int) -> Iterator[Entry]:
    """The same ones again and again, each with an id of its own."""
    different = random_entries(min(number, _DIFFERENT), _SYMBOLS)
    while True:
        for entry in different:
            yield entry._replace(id=uuid7())
