"""XTB: cash operations; units and price stand in the comment alone."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from backend.ledger.entries import EntryType
from backend.ledger.statements.decimals import number
from backend.ledger.statements.outcomes import BadValue, Outcome
from backend.ledger.statements.profile import Profile, columns
from backend.ledger.statements.row import Context, Row, each, unknown
from backend.ledger.statements.trades import Trade

_TRADE: Final = re.compile(r"(OPEN|CLOSE) BUY ([0-9.]+)(?:/[0-9.]+)? @ ([0-9.]+)", re.IGNORECASE)
_CASH: Final[tuple[tuple[str, EntryType], ...]] = (
    (r"interests? tax$|withholding tax|stamp duty|^tax\b", "tax"),
    (r"interest", "interest"),
    (r"^dividend$|^divident$", "dividend"),
    (r"\bfee$|commission", "fee"),
    (r"^(deposit|withdrawal|transfer)\b", "deposit"),
)


def _read(rows: Iterable[Row], _context: Context) -> Iterator[Outcome]:
    return each(rows, _row)


def _row(row: Row) -> Outcome:
    when, kind = row.when("time"), row.text("type")
    symbol, note, external_id = row.text("symbol"), row.text("comment"), row.text("id")
    amount = row.amount("amount", "net_amount")
    if found := _TRADE.match(note):
        quantity, price = number(found[2]), number(found[3])
        if not quantity:
            raise BadValue("the comment has no number of units", "quantity")
        trade = Trade(
            "buy" if found[1].upper() == "OPEN" else "sell",
            when,
            row.currency("currency"),
            symbol,
            quantity,
            price,
            amount.copy_abs(),
        )
        return row.read(trade.entry(), external_id, note)
    if re.match(r"profit/loss|swap|rollover|close trade", kind, re.IGNORECASE):
        raise BadValue(
            "a contract for difference has no units here: enter its gain as interest, its loss as"
            " a fee",
            "type",
        )
    for words, type_ in _CASH:
        if re.search(words, kind, re.IGNORECASE):
            return row.cash(
                type_,
                when,
                amount,
                row.currency("currency"),
                symbol="" if type_ == "deposit" else symbol,
                external_id=external_id,
                note=note,
            )
    raise unknown("the type", kind)


PROFILE: Final = Profile(
    name="xtb",
    title="XTB",
    required=(columns("id", "type", "time", "symbol", "comment", "amount"),),
    read=_read,
    dates="dmy",
    newest_first=True,
    asks_currency=True,
)
