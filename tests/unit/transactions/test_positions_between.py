"""Reports beside changes that are rolled back, or made while a report reads."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.transactions import queries
from backend.transactions.services import reports
from tests.unit.transactions.test_positions import FIRST_DAY, Ledger


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    made = Ledger(database_url)
    yield made
    made.dispose()


def buy(ledger: Ledger, db: Session, day: int, quantity: int = 1) -> None:
    trade = {"symbol": "A", "quantity": Decimal(quantity), "price": Decimal(1)}
    ledger.create(db, type="buy", trade_date=FIRST_DAY + timedelta(days=day), **trade)


def held(ledger: Ledger, db: Session) -> Decimal:
    found = reports.list_holdings(
        db, *ledger.names, method="fifo", as_of=None, include_closed=False
    )
    return found.items[0].quantity


def test_what_was_rolled_back_is_not_gone_on_from(ledger: Ledger) -> None:
    with ledger.writing() as db:
        buy(ledger, db, 0)
    with Session(ledger.engine) as db:
        buy(ledger, db, 1, quantity=5)
        assert held(ledger, db) == 6
        db.rollback()
    with ledger.writing() as db:
        buy(ledger, db, 2)
    with Session(ledger.reader) as db:
        assert held(ledger, db) == 2


def test_a_change_of_the_past_while_a_report_reads(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ledger.writing() as db:
        buy(ledger, db, 5)
    said = queries.said

    def after_others_wrote(*given: Any, **options: Any) -> queries.Stored:
        monkeypatch.setattr(queries, "said", said)
        with ledger.writing() as db:
            buy(ledger, db, 0)
        with ledger.writing() as db:
            buy(ledger, db, 9)
        return said(*given, **options)

    with Session(ledger.reader) as db:
        assert held(ledger, db) == 1
        db.rollback()
        monkeypatch.setattr(queries, "said", after_others_wrote)
        # All of it or nothing of it, and not the last one alone.
        assert held(ledger, db) == (1 if ledger.engine.dialect.name == "sqlite" else 3)
    with Session(ledger.reader) as db:
        assert held(ledger, db) == 3
