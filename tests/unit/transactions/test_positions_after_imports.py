"""What an import is checked with answers the reports that come after it, if it is kept."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.ledger.methods import Method
from backend.portfolios.models import Portfolio
from backend.transactions import queries
from backend.transactions.services import imports, positions
from backend.transactions.services.timeline import Oversold
from tests.unit.transactions.test_positions import FIRST_DAY, Ledger

METHOD: Method = "fifo"
TRADES = ("buy,0,A,3", "buy,1,A,2", "sell,2,A,4", "buy,2,B,1", "sell,3,B,1", "buy,4,A,7")


class Replayed:
    """How often all transactions were read, and what is kept."""

    def __init__(self) -> None:
        self.kept = positions._Replays()  # noqa: SLF001  # what is kept shows in no answer
        self.whole = 0

    @property
    def keys(self) -> list[tuple[Method, bool]]:
        return [(key.method, key.with_ids) for key in self.kept._kept]  # noqa: SLF001


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    made = Ledger(database_url)
    yield made
    made.dispose()


@pytest.fixture
def replayed(monkeypatch: pytest.MonkeyPatch) -> Replayed:
    noted = Replayed()
    said = queries.said

    def counting(*given: Any, **options: Any) -> queries.Stored:
        noted.whole += "since" not in options and "symbol" not in options
        return said(*given, **options)

    monkeypatch.setattr(positions, "_REPLAYS", noted.kept)
    monkeypatch.setattr(queries, "said", counting)
    return noted


def take(ledger: Ledger, db: Session, *trades: str, dry_run: bool = False) -> UUID | None:
    lines = ["type,trade_date,symbol,quantity,price,currency"]
    for trade in trades:
        kind, day, symbol, quantity = trade.split(",")
        lines.append(f"{kind},{FIRST_DAY + timedelta(days=int(day))},{symbol},{quantity},7,USD")
    file = BytesIO("\n".join(lines).encode())
    report = imports.import_file(db, *ledger.names, file, imports.Layout(), dry_run=dry_run)
    assert (report.invalid, report.created) == (0, len(trades))
    return report.import_id


def test_reports_after_an_import_go_on_from_its_check(ledger: Ledger, replayed: Replayed) -> None:
    with ledger.writing() as db:
        take(ledger, db, *TRADES)
    assert replayed.whole == 1
    ledger.require_right(METHOD, None)
    assert replayed.whole == 1
    # In the past, so that nothing of before holds; and then one more after all others.
    with ledger.writing() as db:
        take(ledger, db, "buy,0,B,5", "sell,1,B,2", "sell,2,A,1")
    with ledger.writing() as db:
        trade = {"symbol": "A", "quantity": Decimal(2), "price": Decimal(3)}
        ledger.create(db, type="buy", trade_date=FIRST_DAY + timedelta(days=9), **trade)
    replayed.whole = 0
    ledger.require_right(METHOD, None)
    assert replayed.whole == 0


def test_reports_after_an_undone_import_go_on_from_its_check(
    ledger: Ledger, replayed: Replayed
) -> None:
    with ledger.writing() as db:
        take(ledger, db, *TRADES)
    with ledger.writing() as db:
        undone = take(ledger, db, "buy,1,A,9", "buy,8,B,2")
    assert undone is not None
    with ledger.writing() as db:
        imports.undo(db, *ledger.names, undone)
    replayed.whole = 0
    ledger.require_right(METHOD, None)
    assert replayed.whole == 0


def test_nothing_is_kept_of_an_import_that_is_not(ledger: Ledger, replayed: Replayed) -> None:
    with pytest.raises(imports.NothingKept), ledger.writing() as db:
        take(ledger, db, *TRADES, dry_run=True)
    assert replayed.keys == []
    with Session(ledger.engine) as db:
        take(ledger, db, *TRADES)
        db.rollback()
        assert replayed.whole == 2
        db.commit()
    assert replayed.keys == []
    with pytest.raises(Oversold) as refused, ledger.writing() as db:
        take(ledger, db, *TRADES, "sell,5,A,9")
    assert refused.value.members["line"] == 8
    assert replayed.keys == []
    ledger.require_right(METHOD, None)


def test_what_another_worker_wrote_since_is_seen(
    ledger: Ledger, replayed: Replayed, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ledger.writing() as db:
        take(ledger, db, *TRADES)
    here = replayed.kept
    monkeypatch.setattr(positions, "_REPLAYS", positions._Replays())  # noqa: SLF001  # of another
    with ledger.writing() as db:
        take(ledger, db, "buy,0,B,1", "sell,9,A,2")
    monkeypatch.setattr(positions, "_REPLAYS", here)
    ledger.require_right(METHOD, None)


def test_an_import_replays_no_more_than_twice_what_it_has_to_look_at(
    ledger: Ledger, replayed: Replayed
) -> None:
    with ledger.writing() as db:
        take(ledger, db, *TRADES)
    replayed.whole = 0
    with ledger.writing() as db:
        take(ledger, db, "buy,5,C,3", "sell,6,C,1")
    assert replayed.whole == 0
    ledger.require_right(METHOD, None)


def test_what_was_allowed_once_does_not_refuse_an_import(
    ledger: Ledger, replayed: Replayed
) -> None:
    with ledger.writing() as db:
        allow_short(ledger, db, allowed=True)
        take(ledger, db, "sell,0,A,2")
    with ledger.writing() as db:
        allow_short(ledger, db, allowed=False)
        take(ledger, db, "buy,1,B,2", "sell,1,B,1")
    assert replayed.whole == 2
    ledger.require_right(METHOD, None)


def test_what_is_allowed_later_goes_on_from_a_check_without_it(
    ledger: Ledger, replayed: Replayed
) -> None:
    with ledger.writing() as db:
        take(ledger, db, *TRADES)
    with ledger.writing() as db:
        allow_short(ledger, db, allowed=True)
        trade = {"symbol": "A", "quantity": Decimal(50), "price": Decimal(3)}
        ledger.create(db, type="sell", trade_date=FIRST_DAY + timedelta(days=9), **trade)
    ledger.require_right(METHOD, None)
    assert replayed.whole == 1


def allow_short(ledger: Ledger, db: Session, *, allowed: bool) -> None:
    portfolio = Portfolio.id == ledger.names[1]
    db.execute(update(Portfolio).where(portfolio).values(allow_short=allowed))
