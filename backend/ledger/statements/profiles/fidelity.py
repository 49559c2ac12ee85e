"""Fidelity: history of an account."""

from collections.abc import Iterable, Iterator
from typing import Final

from backend.ledger.entries import Entry, EntryType
from backend.ledger.exact import ZERO, add
from backend.ledger.statements.moments import Moment
from backend.ledger.statements.outcomes import NO_ID, BadValue, Outcome
from backend.ledger.statements.profile import Profile, columns
from backend.ledger.statements.row import Context, Row, each, unknown
from backend.ledger.statements.trades import Trade, multiplier_of

# The action is a sentence; what it begins with tells, and the longer beginnings come first.
_CASH: Final[tuple[tuple[str, EntryType], ...]] = (
    ("dividend received", "dividend"),
    ("long-term cap gain", "dividend"),
    ("short-term cap gain", "dividend"),
    ("return of capital", "return_of_capital"),
    ("interest earned", "interest"),
    ("interest", "interest"),
    ("margin interest", "interest"),
    ("foreign tax", "tax"),
    ("tax withheld", "tax"),
    ("non-resident tax", "tax"),
    ("advisory fee", "fee"),
    ("fee charged", "fee"),
    ("service fee", "fee"),
    ("electronic funds transfer", "deposit"),
    ("direct deposit", "deposit"),
    ("direct debit", "deposit"),
    ("direct credit", "deposit"),
    ("wire transfer", "deposit"),
    ("bill payment", "deposit"),
    ("check paid", "deposit"),
    ("check received", "deposit"),
    ("cash contribution", "deposit"),
    ("cash distribution", "deposit"),
)
_BY_HAND: Final = {
    "in lieu of": "cash for a fraction of a share; enter a sell with that fraction",
    "reverse split": "enter a split with the ratio announced",
    "distribution": "shares were given, by a split or as a dividend; enter a split with its ratio,"
    " or a transfer_in with their basis",
    "merger": "a merger; enter a transfer_out of the old and a transfer_in of the new shares with"
    " their basis",
    "expired": "an option expired; enter a sell, or a buy for one written, at a price of 0",
    "assigned": "an option was assigned; enter a trade of it at a price of 0",
}


def _read(rows: Iterable[Row], _context: Context) -> Iterator[Outcome]:
    return each(rows, _row)


def _row(row: Row) -> Outcome:
    when = row.when("run date")
    action, symbol = row.text("action"), row.text("symbol")
    said = " ".join(action.lower().split())
    for words in ("in lieu of", "reverse split"):
        if words in said:
            raise BadValue(f"{_BY_HAND[words]}", "type")
    if said.startswith(("you bought", "reinvestment", "you sold")):
        return row.read(_trade(row, when, symbol, sells=said.startswith("you sold")), note=action)
    for words, type_ in _CASH:
        if said.startswith(words):
            amount = row.amount("amount", "net_amount")
            named = "" if type_ == "deposit" else symbol
            return row.cash(type_, when, amount, row.currency(), symbol=named, note=action)
    if said.startswith(("transferred", "transfer of assets")):
        return _transfer(row, when, symbol, action)
    for words, what in _BY_HAND.items():
        if said.startswith(words):
            raise BadValue(f"{what}", "type")
    raise unknown("the action", action)


def _trade(row: Row, when: Moment, symbol: str, *, sells: bool) -> Entry:
    # An option has a hyphen before its symbol.
    plain = symbol.removeprefix("-")
    charged = [row.size(name, "fee") or ZERO for name in ("commission", "fees")]
    return Trade(
        "sell" if sells else "buy",
        when,
        row.currency(),
        plain,
        row.amount("quantity", "quantity").copy_abs(),
        row.number("price", "price"),
        row.size("amount", "net_amount"),
        fee=add(*charged),
        multiplier=multiplier_of(plain),
    ).entry()


def _transfer(row: Row, when: Moment, symbol: str, action: str) -> Outcome:
    """Cash or shares of another account; shares that come in bring the price of the day."""
    quantity = row.number("quantity", "quantity")
    if not quantity:
        amount = row.amount("amount", "net_amount")
        return row.cash("deposit", when, amount, row.currency(), note=action)
    values = Entry(
        NO_ID,
        "transfer_in" if quantity > 0 else "transfer_out",
        when.day,
        row.currency(),
        symbol=symbol,
        quantity=quantity.copy_abs(),
        price=row.number("price", "price") if quantity > 0 else None,
    )
    return row.read(values, note=action)


PROFILE: Final = Profile(
    name="fidelity",
    title="Fidelity",
    required=(columns("run date", "action", "symbol", "quantity", "price", "amount"),),
    renamed={
        "price ($)": "price",
        "commission ($)": "commission",
        "fees ($)": "fees",
        "amount ($)": "amount",
    },
    read=_read,
    dates="mdy",
    newest_first=True,
    currency="USD",
)
