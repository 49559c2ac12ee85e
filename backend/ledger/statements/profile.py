"""What describes the layout of one broker's file."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from backend.ledger.statements.decimals import DecimalMark
from backend.ledger.statements.moments import DateOrder
from backend.ledger.statements.outcomes import Outcome
from backend.ledger.statements.row import Context, Row


def normalized(name: str) -> str:
    """The name of a column without regard to case and blanks."""
    return " ".join(name.lower().split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One layout: how to recognise it and what makes its rows transactions.

    Attributes:
        name: What a caller names it by; the source of its rows.
        title: Its name for people.
        required: Names of columns that it has to have, any one of these sets, after `renamed`.
        renamed: Columns by other names that they have, to the names that `read` asks for.
        read: What becomes of the rows.
        mark: What separates decimals where it could be either.
        dates: The order of day, month and year.
        newest_first: Whether the last transaction comes first where dates do not tell.
        currency: That of all amounts, where the file does not say it.
        asks_currency: Whether the caller has to name the currency.
        in_base_currency: Whether amounts whose currency nobody says are in the portfolio's.
        format: Whether it is a table, JSON, or rows whose first cell names their section.
    """

    name: str
    title: str
    required: tuple[frozenset[str], ...]
    read: Callable[[Iterable[Row], Context], Iterator[Outcome]]
    renamed: Mapping[str, str] = field(default_factory=dict)
    mark: DecimalMark = "."
    dates: DateOrder = "iso"
    newest_first: bool = False
    currency: str | None = None
    asks_currency: bool = False
    in_base_currency: bool = False
    format: Literal["table", "json", "sections", "any"] = "table"

    def names(self, header: Iterable[str]) -> tuple[str, ...]:
        """The columns of a header by the names that `read` asks for.

        A column without a name is called after the one before it: `change` and then `change+1`;
        a name that comes again gets a number too.
        """
        found: list[str] = []
        before = ""
        for cell in header:
            name = normalized(cell)
            name = self.renamed.get(name, name)
            before = name or before
            name = name or f"{before}+1"
            while name in found:
                stem, _, count = name.rpartition("+")
                name = f"{stem}+{int(count) + 1}" if stem and count.isdigit() else f"{name}+1"
            found.append(name)
        return tuple(found)

    def matches(self, header: Iterable[str]) -> int:
        """How many required columns the header has, 0 if one is missing."""
        names = set(self.names(header))
        return max((len(needed) for needed in self.required if needed <= names), default=0)

    def missing(self, header: Iterable[str]) -> list[str]:
        """The required columns that the header has not, of the set that it comes nearest to."""
        names = set(self.names(header))
        return min((sorted(needed - names) for needed in self.required), key=len)


def columns(*names: str) -> frozenset[str]:
    """A set of required columns."""
    return frozenset(names)
