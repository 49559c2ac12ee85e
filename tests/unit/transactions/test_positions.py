"""Holdings and lots that go on from an earlier replay are those of a new one, whoever wrote."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from io import BytesIO
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.core.bulk import SQLITE_CACHE_KIB
from backend.core.engine import make_engine
from backend.core.errors import Conflict
from backend.ledger.entries import Entry
from backend.ledger.holdings import holdings, open_lots
from backend.ledger.methods import Method
from backend.portfolios.models import Portfolio
from backend.transactions import queries
from backend.transactions.models import Transaction
from backend.transactions.schemas import TransactionChange, TransactionCreate
from backend.transactions.services import content, imports, positions, reports, writing
from backend.users.models import User

METHODS = get_args(Method)
FIRST_DAY = date(2024, 1, 1)
LATEST = 60


class Ledger:
    """One portfolio, written over one connection and read over another."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self.reader = make_engine(url)
        self.names = uuid4(), uuid4()
        owner_id, portfolio_id = self.names
        with self.writing() as db:
            db.add(User(id=owner_id, email=f"{owner_id.hex}@example.com", password_hash="none"))
            db.flush()
            kept = {"user_id": owner_id, "id": portfolio_id, "name": "Main"}
            db.add(Portfolio(**kept, base_currency="USD"))

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with Session(self.engine.execution_options(sqlite_begin="IMMEDIATE")) as db, db.begin():
            yield db

    def create(self, db: Session, **fields: Any) -> UUID:
        data = TransactionCreate(currency="USD", **fields)
        return writing.create(db, *self.names, data).row.id

    def rows(self) -> list[Entry]:
        """What the transactions say, read by SQLAlchemy's types."""
        with Session(self.reader) as db:
            width = len(Entry._fields)
            return [Entry._make(row[:width]) for row in queries.exported(db, *self.names)]

    def live(self) -> list[UUID]:
        with Session(self.reader) as db:
            wanted = select(Transaction.id).where(Transaction.voided_at.is_(None))
            return list(db.scalars(wanted.order_by(Transaction.id)))

    def require_right(self, method: Method, as_of: date | None) -> None:
        """Compare both reports with those of a replay of all rows."""
        with Session(self.reader) as db:
            held = reports.list_holdings(
                db, *self.names, method=method, as_of=as_of, include_closed=True
            )
            lots = reports.list_lots(db, *self.names, symbol=None, method=method, as_of=as_of)
        options: dict[str, Any] = {"as_of": as_of, "allow_short": True}
        expected = holdings(self.rows(), method, include_closed=True, **options)
        assert [vars_of(one) for one in held.items] == [vars_of(one) for one in expected]
        assert [vars_of(one) for one in lots.items] == [
            vars_of(one) for one in open_lots(self.rows(), method, **options)
        ]

    def dispose(self) -> None:
        self.engine.dispose()
        self.reader.dispose()


def vars_of(report: Any) -> dict[str, Any]:
    names = getattr(type(report), "model_fields", None) or report.__slots__
    return {name: getattr(report, name) for name in names}


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    made = Ledger(database_url)
    yield made
    made.dispose()


class Chance:
    """Random writes to a ledger."""

    def __init__(self, ledger: Ledger, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311  # nothing secret: the same in every run
        self.ledger = ledger
        self.imports: list[UUID] = []
        self.day = 0

    def fields(self) -> dict[str, Any]:
        kind = self.random.choices(["buy", "sell", "split", "dividend"], [6, 4, 1, 1])[0]
        # Most of them come after all others.
        self.day = min(self.day + self.random.randrange(3), LATEST)
        day = self.day if self.random.random() < 0.8 else self.random.randrange(LATEST)
        found: dict[str, Any] = {"type": kind, "symbol": self.random.choice("AB")}
        found["trade_date"] = FIRST_DAY + timedelta(days=day)
        if kind == "split":
            return {**found, "ratio_numerator": 3, "ratio_denominator": 2}
        if kind == "dividend":
            return {**found, "net_amount": Decimal(3)}
        found["quantity"] = Decimal(self.random.randrange(1, 30))
        return {**found, "price": Decimal(self.random.randrange(1, 999)).scaleb(-1)}

    def write(self) -> None:
        """One change, or one that is taken back."""
        works = [self.add, self.edit, self.remove, self.take_file, self.undo, self.fail]
        work = self.random.choices(works, [10, 2, 1, 3, 1, 2])[0]
        try:
            with self.ledger.writing() as db:
                work(db)
        except (Conflict, imports.NothingKept, LookupError):
            pass

    def add(self, db: Session) -> None:
        self.ledger.create(db, **self.fields())

    def edit(self, db: Session) -> None:
        chosen = self.random.choice(self.ledger.live())
        changes = TransactionChange(trade_date=FIRST_DAY + timedelta(days=self.random.randrange(9)))
        writing.change(db, *self.ledger.names, chosen, changes)

    def remove(self, db: Session) -> None:
        writing.remove(db, *self.ledger.names, self.random.choice(self.ledger.live()))

    def take_file(self, db: Session) -> None:
        rows = [self.fields() for _ in range(3)]
        lines = [
            # With a sale all that there is has to be looked at.
            f"{kind},{row['trade_date']},{row['symbol']},{row.get('quantity', 1)},7,USD"
            for kind, row in zip(("buy", "buy", "sell"), rows, strict=True)
        ]
        file = "\n".join(["type,trade_date,symbol,quantity,price,currency", *lines])
        dry_run = self.random.random() < 0.2
        report = imports.import_file(
            db, *self.ledger.names, BytesIO(file.encode()), imports.Layout(), dry_run=dry_run
        )
        if report.import_id is not None:
            self.imports.append(report.import_id)

    def undo(self, db: Session) -> None:
        imports.undo(db, *self.ledger.names, self.imports.pop())

    def fail(self, db: Session) -> None:
        """Report what is about to be rolled back."""
        self.random.choice([self.add, self.edit])(db)
        reports.list_holdings(
            db, *self.ledger.names, method="fifo", as_of=None, include_closed=True
        )
        raise LookupError


def test_reports_are_those_of_a_new_replay_after_any_change(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = Chance(ledger, seed=3)
    went_on: list[bool] = []
    gone_on = positions._gone_on  # noqa: SLF001  # else nothing tells whether it was tried

    def noting(*given: Any) -> Any:
        run = gone_on(*given)
        went_on.append(run is not None)
        return run

    monkeypatch.setattr(positions, "_gone_on", noting)
    for _ in range(50):
        chance.write()
        method = chance.random.choice(METHODS)
        as_of = chance.random.choice([None, None, FIRST_DAY + timedelta(days=20)])
        ledger.require_right(method, as_of)
        ledger.require_right(method, as_of)
    # It went on from what was replayed for another answer, and not only for the same one.
    assert went_on.count(True) > 90, went_on.count(True)


def test_no_replay_is_kept_beyond_the_most_lots(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = positions._Replays()  # noqa: SLF001  # what is kept shows in no answer
    monkeypatch.setattr(positions, "_REPLAYS", kept)
    monkeypatch.setattr(positions, "LOTS_MAX", 4)
    trade = {"symbol": "A", "quantity": Decimal(1), "price": Decimal(1)}
    with ledger.writing() as db:
        for day in range(2):
            ledger.create(db, type="buy", trade_date=FIRST_DAY + timedelta(days=day), **trade)
    ledger.require_right("fifo", None)
    ledger.require_right("lifo", None)
    assert [(key.method, one.size) for key, one in kept._kept.items()] == [("lifo", 3)]  # noqa: SLF001
    with ledger.writing() as db:
        for day in range(2, 5):
            ledger.create(db, type="buy", trade_date=FIRST_DAY + timedelta(days=day), **trade)
    ledger.require_right("fifo", FIRST_DAY)
    ledger.require_right("lifo", None)
    # One that is larger than all may be takes no other's place.
    assert [(key.method, one.size) for key, one in kept._kept.items()] == 2 * [("fifo", 2)]  # noqa: SLF001


def test_rows_are_read_as_the_types_of_their_columns_read_them(ledger: Ledger) -> None:
    most = Decimal("99999999999999999999.999999999999999999")
    numbers = [Decimal(0), Decimal("0.1"), Decimal("1e-18"), Decimal("1234.5"), most]
    chance = random.Random(5)  # noqa: S311  # nothing secret: the same in every run
    zone = timezone(timedelta(hours=-7))
    written = []
    for number in range(60):
        positive, signed = (chance.choice([None, *numbers[1:]]) for _ in range(2))
        instant = datetime(1970 + number, 3, 1, 23, 59, 59, chance.choice([0, 1, 999999]), zone)
        written.append(
            Entry(
                id=uuid4(),
                type=chance.choice(["buy", "sell", "fee", "dividend"]),
                trade_date=date(1900, 1, 1) + timedelta(days=number * 900),
                currency="USD",
                executed_at=chance.choice([None, instant]),
                sequence=chance.randrange(-2, 3),
                symbol=chance.choice(["A", "Ж-\U0001f4c8"]),
                quantity=positive,
                price=chance.choice([None, *numbers]),
                fee=chance.choice(numbers).copy_negate(),
                tax=chance.choice(numbers),
                net_amount=chance.choice([signed, signed and signed.copy_negate()]),
                multiplier=chance.choice(numbers[1:]),
                fx_rate=chance.choice([None, *numbers[1:]]),
                settle_currency=chance.choice([None, "EUR"]),
            )
        )
    with ledger.writing() as db:
        given = {"portfolio_id": ledger.names[1], "source": "manual"}
        rows = [{**content.columns_of(entry, entry.id), **given} for entry in written]
        queries.add_all(db, ledger.names[0], rows)
    with Session(ledger.reader) as db:
        found = list(content.entries(db, *ledger.names))
        nameless = list(content.entries(db, *ledger.names, with_ids=False))
    expected = ledger.rows()
    # Also of the same type and with the same number of places.
    assert list(map(repr, found)) == list(map(repr, expected))
    assert [entry[1:] for entry in nameless] == [entry[1:] for entry in expected]
    # And as they were written: a net amount that is not stated is filled in.
    by_id = {entry.id: entry for entry in expected}
    for entry in written:
        amount = content.stored_amount(entry)
        assert by_id[entry.id] == entry._replace(net_amount=amount)


def test_an_import_leaves_the_connection_as_it_was(ledger: Ledger) -> None:
    if ledger.engine.dialect.name != "sqlite":
        pytest.skip("Only SQLite's memory for pages is changed.")
    sizes = []
    with ledger.writing() as db:

        def note(_count: int) -> None:
            sizes.append(db.scalar(text("PRAGMA cache_size")))

        note(0)
        file = BytesIO(b"type,trade_date,currency,net_amount\ndeposit,2024-01-02,USD,1\n")
        imports.import_file(db, *ledger.names, file, imports.Layout(), dry_run=False, progress=note)
        note(1)
    before, meanwhile, after = sizes
    assert meanwhile == -SQLITE_CACHE_KIB != before
    assert after == before
