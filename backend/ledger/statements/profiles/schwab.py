"""Charles Schwab: history of a brokerage account."""

from collections.abc import Iterable, Iterator
from typing import Final

from backend.ledger.entries import Entry, EntryType
from backend.ledger.exact import ZERO
from backend.ledger.statements.moments import Moment
from backend.ledger.statements.outcomes import NO_ID, BadValue, Outcome
from backend.ledger.statements.profile import Profile, columns
from backend.ledger.statements.row import TOTAL, Context, Row, each, unknown
from backend.ledger.statements.trades import SplitPairs, Trade, multiplier_of

_BUYS: Final = frozenset({"buy", "reinvest shares", "buy to open", "buy to close"})
_SELLS: Final = frozenset({"sell", "sell short", "sell to close", "sell to open"})
_CASH: Final[dict[str, EntryType]] = {
    "qualified dividend": "dividend",
    "cash dividend": "dividend",
    "non-qualified div": "dividend",
    "reinvest dividend": "dividend",
    "qual div reinvest": "dividend",
    "pr yr div reinvest": "dividend",
    "pr yr cash div": "dividend",
    "special dividend": "dividend",
    "special non qual div": "dividend",
    "special qual div": "dividend",
    "long term cap gain": "dividend",
    "long term cap gain reinvest": "dividend",
    "short term cap gain": "dividend",
    "short term cap gain reinvest": "dividend",
    "div adjustment": "dividend",
    "return of capital": "return_of_capital",
    "credit interest": "interest",
    "bank interest": "interest",
    "bond interest": "interest",
    "margin interest": "interest",
    "nra withholding": "tax",
    "nra tax adj": "tax",
    "foreign tax paid": "tax",
    "foreign tax reclaim": "tax",
    "advisor fee": "fee",
    "adr mgmt fee": "fee",
    "service fee": "fee",
    "foreign fee": "fee",
    "moneylink transfer": "deposit",
    "moneylink deposit": "deposit",
    "wire sent": "deposit",
    "wire received": "deposit",
    "wire funds": "deposit",
    "wire funds received": "deposit",
    "funds received": "deposit",
    "internal transfer": "deposit",
    "journal": "deposit",
}
_BY_HAND: Final = {
    "stock div dist": "shares were given; enter a transfer_in with their basis, or a split",
    "spin-off": "shares of another company were given; enter a transfer_in with their basis, and"
    " a return_of_capital of the same amount for the old ones",
    "stock merger": "a merger; enter a transfer_out of the old and a transfer_in of the new shares"
    " with their basis",
    "name change": "units got another symbol; enter a transfer_out and a transfer_in with the"
    " basis, or give both the same symbol before importing",
    "conversion": "units became others; enter a transfer_out and a transfer_in with the basis",
    "cash in lieu": "cash for a fraction of a share; enter a sell with that fraction",
    "expired": "an option expired; enter a sell, or a buy for one written, at a price of 0",
}


def _read(rows: Iterable[Row], _context: Context) -> Iterator[Outcome]:
    reverse = SplitPairs()
    yield from each(rows, lambda row: _row(row, reverse))
    yield from reverse.unpaired()


def _row(row: Row, reverse: SplitPairs) -> Outcome | Iterable[Outcome]:
    if row.text("date").lower().startswith("transactions total"):
        return row.skipped(TOTAL)
    when = _when(row)
    action = row.text("action").lower()
    symbol, note = row.text("symbol"), row.text("description")
    if action in _BUYS or action in _SELLS:
        amount = row.size("amount", "net_amount")
        trade = Trade(
            "buy" if action in _BUYS else "sell",
            when,
            row.currency(),
            symbol,
            row.amount("quantity", "quantity").copy_abs(),
            row.number("price", "price"),
            amount,
            fee=row.size("fees & comm", "fee") or ZERO,
            multiplier=multiplier_of(symbol),
        )
        return row.read(trade.entry(), note=note)
    if action in _CASH:
        type_ = _CASH[action]
        named = "" if type_ == "deposit" else symbol
        amount = row.amount("amount", "net_amount")
        return row.cash(type_, when, amount, row.currency(), symbol=named, note=note)
    if action == "journaled shares":
        return row.read(_journaled(row, when, symbol), note=note)
    if action == "stock split":
        raise BadValue(
            f"Schwab says how many shares a split added ({row.text('quantity')}), not its ratio:"
            " enter a split with the ratio announced",
            "ratio_numerator",
        )
    if action == "reverse split":
        quantity = row.amount("quantity", "quantity")
        return reverse.half(row, when, symbol, quantity, opens=quantity > 0, key=_company(note))
    if action in _BY_HAND:
        raise BadValue(f"{row.text('action')}: {_BY_HAND[action]}", "type")
    raise unknown("the action", row.text("action"))


def _when(row: Row) -> Moment:
    """The date; of `07/15/2024 as of 07/12/2024` the one on which it took effect."""
    text = row.text("date")
    _, _, effective = text.partition(" as of ")
    return row.moment(effective or text)


def _journaled(row: Row, when: Moment, symbol: str) -> Entry:
    """Shares moved to or from another account; those that come in bring the price of the day."""
    quantity = row.amount("quantity", "quantity")
    return Entry(
        NO_ID,
        "transfer_in" if quantity > 0 else "transfer_out",
        when.day,
        row.currency(),
        symbol=symbol,
        quantity=quantity.copy_abs(),
        price=row.number("price", "price") if quantity > 0 else None,
    )


def _company(description: str) -> str:
    """What the two rows of a reverse split share: the first words of the description."""
    return " ".join(description.upper().split()[:2])


PROFILE: Final = Profile(
    name="schwab",
    title="Charles Schwab",
    required=(
        columns(
            "date", "action", "symbol", "description", "quantity", "price", "fees & comm", "amount"
        ),
    ),
    read=_read,
    dates="mdy",
    newest_first=True,
    currency="USD",
)
