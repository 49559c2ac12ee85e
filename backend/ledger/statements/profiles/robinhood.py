"""Robinhood: account activity."""

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from backend.ledger.entries import EntryType
from backend.ledger.exact import ONE
from backend.ledger.statements.outcomes import BadValue, Outcome
from backend.ledger.statements.profile import Profile, columns
from backend.ledger.statements.row import Context, Row, each, unknown
from backend.ledger.statements.trades import OPTION_MULTIPLIER, Trade

# An option is known by its description: the instrument is what it is an option on.
_OPTIONS: Final = frozenset({"bto", "btc", "sto", "stc"})
_TRADES: Final[dict[str, Literal["buy", "sell"]]] = {
    "buy": "buy",
    "bto": "buy",
    "btc": "buy",
    "sell": "sell",
    "sto": "sell",
    "stc": "sell",
}
_CASH: Final[dict[str, EntryType]] = {
    "cdiv": "dividend",
    "mdiv": "dividend",
    "qdiv": "dividend",
    "int": "interest",
    "slip": "interest",
    "mint": "interest",
    "dtax": "tax",
    "ntax": "tax",
    "dfee": "fee",
    "afee": "fee",
    "gold": "fee",
    "roc": "return_of_capital",
    "ach": "deposit",
    "rtp": "deposit",
    "wire": "deposit",
    "dcf": "deposit",
    "xent_cc": "deposit",
}
_BY_HAND: Final = {
    "spl": "Robinhood says how many shares a split added, not its ratio; enter a split with the"
    " ratio announced",
    "spr": "enter a split with the ratio announced",
    "cil": "cash for a fraction of a share; enter a sell with that fraction",
    "oexp": "an option expired; enter a sell, or a buy for one written, at a price of 0",
    "oasgn": "an option was assigned; enter a trade of it at a price of 0",
    "soff": "shares of another company were given; enter a transfer_in with their basis",
    "mrgs": "a merger; enter a transfer_out of the old and a transfer_in of the new shares",
}


def _read(rows: Iterable[Row], _context: Context) -> Iterator[Outcome]:
    return each(rows, _row)


def _row(row: Row) -> Outcome:
    when = row.when("activity date")
    code, note = row.text("trans code").lower(), row.text("description")
    symbol = row.text("instrument")
    if code in _TRADES:
        option = code in _OPTIONS
        trade = Trade(
            _TRADES[code],
            when,
            row.currency(),
            note if option else symbol,
            row.amount("quantity", "quantity").copy_abs(),
            row.number("price", "price"),
            row.size("amount", "net_amount"),
            multiplier=OPTION_MULTIPLIER if option else ONE,
        )
        return row.read(trade.entry(), note=note)
    if code in _CASH:
        amount = row.amount("amount", "net_amount")
        named = "" if _CASH[code] == "deposit" else symbol
        return row.cash(_CASH[code], when, amount, row.currency(), symbol=named, note=note)
    if code in _BY_HAND:
        raise BadValue(f"{row.text('trans code')}: {_BY_HAND[code]}", "type")
    raise unknown("the transaction code", row.text("trans code"))


PROFILE: Final = Profile(
    name="robinhood",
    title="Robinhood",
    required=(columns("activity date", "instrument", "trans code", "quantity", "price", "amount"),),
    read=_read,
    dates="mdy",
    newest_first=True,
    currency="USD",
)
