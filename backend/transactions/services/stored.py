"""Stored rows as entries of the ledger: a report of a large portfolio waits for this alone."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from backend.core.types import ExactDecimal
from backend.ledger.entries import Entry
from backend.ledger.statements.outcomes import NO_ID
from backend.transactions.queries import Stored


def entries_of(stored: Stored, *, with_ids: bool = True) -> Iterator[Entry]:
    """The entries that rows say; SQLite's driver gives texts, PostgreSQL's gives values.

    Where nobody asks for the rows' ids they may be left out.
    """
    if stored.dialect == "sqlite":
        return _from_texts(stored.rows, UUID if with_ids else _no_id)
    return map(Entry._make, stored.rows)


class _Numbers(dict[str | None, Decimal | None]):
    """Decimals by their texts, of columns in which most of them come again."""

    def __missing__(self, text: str | None) -> Decimal | None:
        number: Decimal | None = None
        if text is not None:
            number = ExactDecimal.number_of(text)
        self[text] = number
        return number


class _Days(dict[str, date]):
    """Days by their texts."""

    def __missing__(self, text: str) -> date:
        self[text] = day = date.fromisoformat(text)
        return day


def _no_id(_text: str) -> UUID:
    return NO_ID


def _from_texts(rows: Iterator[Sequence[Any]], id_of: Callable[[str], UUID]) -> Iterator[Entry]:
    numbers, days = _Numbers(), _Days()
    number_of = ExactDecimal.number_of
    new = tuple.__new__
    # Any: what the columns hold, in the order of an entry's fields.
    for (
        id_, type_, day, currency, instant, sequence, symbol, quantity, price, fee, tax, net,
        multiplier, fx_rate, settle, numerator, denominator,
    ) in rows:  # fmt: skip
        yield new(
            Entry,
            (
                id_of(id_),
                type_,
                days[day],
                currency,
                instant and datetime.fromisoformat(instant).replace(tzinfo=UTC),
                sequence,
                symbol,
                numbers[quantity],
                price and number_of(price),
                numbers[fee],
                numbers[tax],
                net and number_of(net),
                numbers[multiplier],
                fx_rate and numbers[fx_rate],
                settle,
                numerator,
                denominator,
            ),
        )
