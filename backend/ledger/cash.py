"""Report of cash by currency."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal, localcontext

from backend.ledger.entries import Entry, cash_movement
from backend.ledger.exact import EXACT, ZERO


def cash(entries: Iterable[Entry], *, as_of: date | None = None) -> dict[str, Decimal]:
    """The cash of each currency at the end of a day, or after the last entry.

    The sum of all movements, in whatever order the entries come; sorted by currency. Cash may
    be negative: nothing says that every deposit was written down.

    Raises:
        UnusableEntry: an entry lacks its amount.
    """
    last = as_of or date.max
    balances: dict[str, Decimal] = {}
    with localcontext(EXACT):
        for entry in entries:
            if entry.trade_date <= last and entry.type != "split":
                currency, amount = cash_movement(entry)
                balances[currency] = balances.get(currency, ZERO) + amount
    return dict(sorted(balances.items()))
