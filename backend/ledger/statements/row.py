"""One row of a file, and what profiles read from it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, tzinfo
from decimal import Decimal
from typing import Final

from backend.ledger.entries import Entry, EntryType
from backend.ledger.exact import ZERO
from backend.ledger.statements.currencies import code_of, currency_of
from backend.ledger.statements.decimals import DecimalMark, number, shown
from backend.ledger.statements.moments import DateOrder, Moment, moment
from backend.ledger.statements.outcomes import (
    NO_ID,
    BadValue,
    InvalidRow,
    Outcome,
    ReadRow,
    SkippedRow,
)

BLANK: Final = "blank"
TEXT: Final = "a line of text"
TOTAL: Final = "a total"
NOTHING: Final = "an amount of zero"


@dataclass(frozen=True, slots=True)
class Context:
    """What is true for all rows of one file.

    `currency` is that of amounts whose row does not say it, `zone` that of times without one,
    `names` are the columns as they are looked up.
    """

    source: str
    names: tuple[str, ...] = ()
    currency: str | None = None
    zone: tzinfo = UTC
    mark: DecimalMark = "."
    dates: DateOrder = "iso"


class Row:
    """The cells of one row by the names of their columns, and its first line.

    A column that the file does not have reads as blank. `problem` says what keeps the row as a
    whole from being read.
    """

    __slots__ = ("cells", "context", "line", "problem", "values")

    def __init__(
        self, line: int, cells: list[str], values: dict[str, str], context: Context
    ) -> None:
        self.line = line
        self.cells = cells
        self.values = values
        self.context = context
        self.problem = ""

    def text(self, *names: str) -> str:
        """The first of these columns that has something in it."""
        for name in names:
            if text := self.values.get(name):
                return text
        return ""

    def number(self, name: str, field: str | None = None) -> Decimal | None:
        """The number in a column, or None where it says that there is none."""
        text = self.values.get(name)
        if not text:
            return None
        try:
            return number(text, self.context.mark)
        except ValueError as error:
            raise BadValue(f"{name} {error}", field) from error

    def amount(self, name: str, field: str | None = None) -> Decimal:
        """The number in a column that may not be blank."""
        found = self.number(name, field)
        if found is None:
            raise BadValue(f"{name} is missing", field)
        return found

    def size(self, name: str, field: str | None = None) -> Decimal | None:
        """The number in a column without its sign."""
        found = self.number(name, field)
        return None if found is None else found.copy_abs()

    def when(self, name: str, time: str = "") -> Moment:
        """The date in a column, and the instant with the time beside it or in another column."""
        text = self.values.get(name, "")
        if not text:
            raise BadValue(f"{name} is missing", "trade_date")
        if time and self.values.get(time):
            text = f"{text} {self.values[time]}"
        return self.moment(text, name)

    def moment(self, text: str, name: str = "date") -> Moment:
        """The date and instant that a text says in the layout of this file."""
        try:
            return moment(text, self.context.dates, self.context.zone)
        except ValueError as error:
            raise BadValue(f"{name} {error}", "trade_date") from error

    def currency(self, *names: str) -> str:
        """The code in the first of these columns that has one, or that of the file.

        One of hundredths stays, and makes that of the entry: the amounts of an entry are put
        into the currency itself when it is checked.
        """
        return code_of(self.text(*names) or self.context.currency or "")

    def currency_and_unit(self, *names: str) -> tuple[str, bool]:
        """The currency itself, and whether amounts are in hundredths of it."""
        return currency_of(self.text(*names) or self.context.currency or "")

    def read(
        self, values: Entry, external_id: str | None = None, note: str | None = None
    ) -> ReadRow:
        """The row as one transaction."""
        return ReadRow(self.line, values, self.context.source, external_id or None, note or None)

    def skipped(self, reason: str) -> SkippedRow:
        """The row as one that is no transaction."""
        return SkippedRow(self.line, reason)

    def cash(
        self,
        type_: EntryType,
        when: Moment,
        amount: Decimal,
        currency: str,
        *,
        symbol: str | None = None,
        external_id: str | None = None,
        note: str | None = None,
    ) -> ReadRow | SkippedRow:
        """A movement of cash alone by its signed amount.

        A fee or tax that pays something back is negative; a deposit that takes away is a
        withdrawal, and the other way round; the same for transfers.
        """
        if not amount:
            return self.skipped(NOTHING)
        if type_ in _BY_SIGN:
            type_ = _BY_SIGN[type_][amount < 0]
        values = Entry(
            NO_ID,
            type_,
            when.day,
            currency,
            executed_at=when.instant,
            symbol=symbol or None,
            fee=-amount if type_ == "fee" else ZERO,
            tax=-amount if type_ == "tax" else ZERO,
            net_amount=amount,
        )
        return self.read(values, external_id, note)


_BY_SIGN: Final[dict[EntryType, tuple[EntryType, EntryType]]] = {
    "deposit": ("deposit", "withdrawal"),
    "withdrawal": ("deposit", "withdrawal"),
    "transfer_in": ("transfer_in", "transfer_out"),
    "transfer_out": ("transfer_in", "transfer_out"),
}


def each(
    rows: Iterable[Row], read: Callable[[Row], Outcome | Iterable[Outcome]], *, texts: bool = True
) -> Iterator[Outcome]:
    """What becomes of each row by itself; a `BadValue` makes it invalid.

    Blank rows are skipped, and with `texts` also rows with one cell that has something in it:
    titles, footnotes, disclaimers.
    """
    for row in rows:
        if not any(row.cells) and not row.problem:
            yield row.skipped(BLANK)
            continue
        if texts and sum(map(bool, row.cells)) == 1:
            yield row.skipped(TEXT)
            continue
        if row.problem:
            yield InvalidRow(row.line, row.problem)
            continue
        try:
            found = read(row)
            if isinstance(found, ReadRow | InvalidRow | SkippedRow):
                yield found
            else:
                # All of a row or nothing of it: half a trade is worse than none.
                yield from list(found)
        except BadValue as error:
            yield InvalidRow(row.line, error.reason, error.field)
        except ValueError as error:
            yield InvalidRow(row.line, str(error))


def unknown(what: str, text: str) -> BadValue:
    """The error for a kind of row that the profile does not know."""
    return BadValue(
        f"{what} {shown(text)} is not known: enter by hand what it did to units and cash", "type"
    )
