"""Coinbase: transaction history."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Final, Literal

from backend.ledger.entries import Entry
from backend.ledger.exact import ZERO, rounded
from backend.ledger.statements.decimals import PLACES_MAX, number
from backend.ledger.statements.moments import Moment
from backend.ledger.statements.outcomes import NO_ID, BadValue, Outcome
from backend.ledger.statements.profile import Profile, columns
from backend.ledger.statements.row import Context, Row, each, unknown
from backend.ledger.statements.trades import Trade

_TRADES: Final[dict[str, Literal["buy", "sell"]]] = {
    "buy": "buy",
    "advance trade buy": "buy",
    "advanced trade buy": "buy",
    "sell": "sell",
    "advance trade sell": "sell",
    "advanced trade sell": "sell",
}
_IN_KIND: Final = frozenset(
    {
        "staking income",
        "rewards income",
        "reward income",
        "learning reward",
        "coinbase earn",
        "inflation reward",
        "subscription rebate",
    }
)
_IN: Final = frozenset({"receive"})
_OUT: Final = frozenset({"send"})
_MONEY: Final = frozenset({"deposit", "withdrawal", "fiat deposit", "fiat withdrawal"})
_CONVERTED: Final = re.compile(r"Converted ([0-9.,]+) (\S+) to ([0-9.,]+) (\S+)", re.IGNORECASE)


def _read(rows: Iterable[Row], _context: Context) -> Iterator[Outcome]:
    return each(rows, _row)


def _row(row: Row) -> Outcome | Iterable[Outcome]:
    when = row.when("timestamp")
    kind = " ".join(row.text("transaction type").lower().split())
    asset, external_id, note = row.text("asset"), row.text("id"), row.text("notes")
    if kind in _TRADES:
        return row.read(_trade(row, _TRADES[kind], when), external_id, note)
    if kind in _IN_KIND:
        return _income(row, when)
    if kind == "convert":
        return _conversion(row, when)
    if kind in _IN or kind in _OUT:
        values = Entry(
            NO_ID,
            "transfer_in" if kind in _IN else "transfer_out",
            when.day,
            row.currency("price currency"),
            executed_at=when.instant,
            symbol=asset,
            quantity=_quantity(row),
            price=_price(row) if kind in _IN else None,
        )
        return row.read(values, external_id, note)
    if kind in _MONEY:
        amount = _quantity(row)
        return row.cash(
            "deposit",
            when,
            -amount if "withdrawal" in kind else amount,
            row.currency("asset"),
            external_id=external_id,
            note=note,
        )
    raise unknown("the transaction type", row.text("transaction type"))


def _trade(row: Row, type_: Literal["buy", "sell"], when: Moment) -> Entry:
    return Trade(
        type_,
        when,
        row.currency("price currency"),
        row.text("asset"),
        _quantity(row),
        _price(row),
        row.size("total", "net_amount"),
        fee=row.size("fees", "fee") or ZERO,
    ).entry()


def _income(row: Row, when: Moment) -> Iterator[Outcome]:
    """Income in kind: interest of what it was worth, and a purchase for that."""
    worth = row.amount("total", "net_amount").copy_abs()
    currency, external_id = row.currency("price currency"), row.text("id")
    note = row.text("notes") or row.text("transaction type")
    asset = row.text("asset")
    yield row.cash(
        "interest", when, worth, currency, symbol=asset, external_id=external_id, note=note
    )
    bought = Trade("buy", when, currency, asset, _quantity(row), _price(row), worth).entry()
    yield row.read(bought, external_id and f"{external_id}:buy", note)


def _conversion(row: Row, when: Moment) -> Iterator[Outcome]:
    """A sale of one coin, and a purchase of the other for what it brought."""
    note = row.text("notes")
    said = _CONVERTED.search(note)
    if said is None:
        raise BadValue("the notes do not say what it was converted to", "symbol")
    worth = row.amount("subtotal", "net_amount").copy_abs()
    currency, external_id = row.currency("price currency"), row.text("id")
    bought = number(said[3])
    if not bought:
        raise BadValue("the notes do not say how much it became", "quantity")
    sold = Trade("sell", when, currency, row.text("asset"), _quantity(row), _price(row), worth)
    yield row.read(sold.entry(), external_id, note)
    bought_for = Trade("buy", when, currency, said[4], bought, None, worth)
    yield row.read(bought_for.entry(), external_id and f"{external_id}:buy", note)


def _quantity(row: Row) -> Decimal:
    return row.amount("quantity transacted", "quantity").copy_abs()


def _price(row: Row) -> Decimal | None:
    """The price, to 18 places: Coinbase writes more, and the total is what counts."""
    text = row.text("price").replace(",", "").lstrip("$\u20ac\u00a3")
    if len(text.partition(".")[2]) <= PLACES_MAX:
        return row.number("price", "price")
    try:
        return rounded(Decimal(text))
    except InvalidOperation:
        return row.number("price", "price")


PROFILE: Final = Profile(
    name="coinbase",
    title="Coinbase",
    required=(
        columns(
            "timestamp",
            "transaction type",
            "asset",
            "quantity transacted",
            "price currency",
            "price",
            "subtotal",
            "total",
        ),
    ),
    renamed={
        "price at transaction": "price",
        "spot price at transaction": "price",
        "spot price currency": "price currency",
        "total (inclusive of fees and/or spread)": "total",
        "total (inclusive of fees)": "total",
        "fees and/or spread": "fees",
    },
    read=_read,
    dates="ymd",
    newest_first=True,
)
