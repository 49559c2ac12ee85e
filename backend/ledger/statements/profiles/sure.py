"""Maybe and Sure: CSV of trades, whose sales have a negative quantity."""

from collections.abc import Iterable, Iterator
from typing import Final

from backend.ledger.statements.outcomes import Outcome
from backend.ledger.statements.profile import Profile, columns
from backend.ledger.statements.row import Context, Row, each
from backend.ledger.statements.trades import Trade


def _read(rows: Iterable[Row], _context: Context) -> Iterator[Outcome]:
    return each(rows, _row)


def _row(row: Row) -> Outcome:
    quantity = row.amount("qty", "quantity")
    trade = Trade(
        "sell" if quantity < 0 else "buy",
        row.when("date"),
        row.currency("currency"),
        row.text("ticker"),
        quantity.copy_abs(),
        row.amount("price", "price"),
    )
    return row.read(trade.entry(), note=row.text("name"))


PROFILE: Final = Profile(
    name="sure",
    title="Maybe and Sure",
    required=(columns("date", "ticker", "qty", "price"),),
    read=_read,
    dates="ymd",
    asks_currency=True,
)
