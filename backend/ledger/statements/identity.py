"""What makes two rows the same, for files whose rows have no ids of their own."""

from datetime import UTC
from decimal import Decimal
from hashlib import sha256
from typing import Final

from backend.ledger.entries import Entry, net_amount
from backend.ledger.exact import EXACT, rounded

_SEPARATOR: Final = "\x1f"


def row_hash(values: Entry) -> str:
    """SHA-256 of what a transaction says, in hexadecimal.

    It covers type, date, instant, symbol, quantity, price, fee, tax, cash effect, currency,
    multiplier, rate, currency of settlement and ratio. It leaves out the id, the sequence and all
    that is not in an entry, such as the note. Numbers count by value (1.0 is 1), instants by
    the moment (in whatever zone), and a cash effect that is not given as what follows from the
    rest, so that a row that was stored with it is the same as the row that was read.
    """
    amount = values.net_amount
    if amount is None:
        amount = rounded(net_amount(values))
    instant = values.executed_at
    parts = (
        values.type,
        values.trade_date.isoformat(),
        "" if instant is None else instant.astimezone(UTC).isoformat(),
        values.symbol or "",
        _text(values.quantity),
        _text(values.price),
        _text(values.fee),
        _text(values.tax),
        _text(amount),
        values.currency,
        _text(values.multiplier),
        _text(values.fx_rate),
        values.settle_currency or "",
        str(values.ratio_numerator or ""),
        str(values.ratio_denominator or ""),
    )
    return sha256(_SEPARATOR.join(parts).encode()).hexdigest()


class Occurrences:
    """Counts equal rows within one file, so that each of them is kept.

    The first is number 1. A file that is read again gives the same numbers; one that has more of
    them gives the others new numbers. It keeps about 150 bytes for each different row.
    """

    def __init__(self) -> None:
        self._seen: dict[bytes, int] = {}

    def number(self, hashed: str) -> int:
        """Which one of its kind a row with this hash is."""
        key = bytes.fromhex(hashed)
        self._seen[key] = found = self._seen.get(key, 0) + 1
        return found


def _text(value: Decimal | None) -> str:
    if value is None:
        return ""
    return f"{value.normalize(EXACT):f}" if value else "0"
