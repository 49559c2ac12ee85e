"""What profiles share: purchases and sales, fees in other currencies, splits told in two rows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal

from backend.ledger.entries import Entry
from backend.ledger.exact import ONE, ZERO
from backend.ledger.faults import faults
from backend.ledger.statements.moments import Moment
from backend.ledger.statements.outcomes import NO_ID, BadValue, InvalidRow, Outcome, ReadRow
from backend.ledger.statements.row import Row

OPTION_MULTIPLIER: Final = Decimal(100)
RATIO_MAX: Final = 2**31 - 1

# 240119C150, as in `-AAPL240119C150` and `AAPL  240119C00150000`, or `AAPL 01/19/2024 150.00 C`.
_OPTION: Final = re.compile(
    r".*[0-9]{6}[CP][0-9.]+|\S+ [0-9]{1,2}/[0-9]{1,2}/[0-9]{4} .*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Trade:
    """A purchase or a sale: what all brokers say of one.

    `amount` is the magnitude of what it moves in cash, fee and tax inside.
    """

    type: Literal["buy", "sell"]
    when: Moment
    currency: str
    symbol: str
    quantity: Decimal
    price: Decimal | None
    amount: Decimal | None = None
    fee: Decimal = ZERO
    tax: Decimal = ZERO
    multiplier: Decimal = ONE

    def entry(self) -> Entry:
        """The entry of it.

        The cash wins: a price that does not make the amount, within its rounding, is left out.
        """
        net = self.amount
        if net is not None and self.type == "buy":
            net = net.copy_negate()
        values = Entry(
            NO_ID,
            self.type,
            self.when.day,
            self.currency,
            executed_at=self.when.instant,
            symbol=self.symbol or None,
            quantity=self.quantity,
            price=self.price,
            fee=self.fee,
            tax=self.tax,
            net_amount=net,
            multiplier=self.multiplier,
        )
        if net is None or self.price is None:
            return values
        disagrees = any(fault.field == "net_amount" for fault in faults(values))
        return values._replace(price=None) if disagrees else values


def multiplier_of(symbol: str) -> Decimal:
    """100 where the symbol is that of an option, else 1."""
    return OPTION_MULTIPLIER if _OPTION.fullmatch(symbol.strip()) else ONE


def split(
    row: Row, when: Moment, symbol: str, currency: str, *, ratio: Fraction, note: str = ""
) -> ReadRow:
    """A split of one unit into `ratio`.

    Raises:
        BadValue: a term of the ratio is too great to keep.
    """
    if not 0 < ratio.numerator <= RATIO_MAX or ratio.denominator > RATIO_MAX:
        raise BadValue(
            f"the ratio {ratio} is no plain one: enter the split with the ratio announced",
            "ratio_numerator",
        )
    values = Entry(
        NO_ID,
        "split",
        when.day,
        currency,
        executed_at=when.instant,
        symbol=symbol,
        ratio_numerator=ratio.numerator,
        ratio_denominator=ratio.denominator,
    )
    return row.read(values, note=note)


@dataclass(frozen=True, slots=True)
class _Half:
    row: Row
    when: Moment
    symbol: str
    currency: str
    quantity: Decimal
    opens: bool


class SplitPairs:
    """Splits that a file tells in two rows: the units closed, and those opened in their place.

    Both are the whole position, so their ratio is that of the split, exactly. They may come in
    either order, within one day; a row whose other half does not come is invalid.
    """

    def __init__(self) -> None:
        self._halves: dict[str, _Half] = {}

    def half(
        self, row: Row, when: Moment, symbol: str, quantity: Decimal, *, opens: bool, key: str = ""
    ) -> Iterator[Outcome]:
        """One of the two rows; `key` is what they share, the symbol if not given."""
        new = _Half(
            row,
            when,
            symbol,
            row.currency("currency", "currency (price / share)"),
            quantity.copy_abs(),
            opens,
        )
        key = key or symbol
        other = self._halves.pop(key, None)
        if other is None:
            self._halves[key] = new
            return
        if other.opens == new.opens or other.when.day != when.day:
            yield _unpaired(other)
            self._halves[key] = new
            return
        opened, closed = (new, other) if opens else (other, new)
        if not closed.quantity or not opened.quantity:
            raise BadValue("a split needs the units before and after", "quantity")
        ratio = Fraction(opened.quantity) / Fraction(closed.quantity)
        yield row.skipped("the other half of a split")
        yield split(other.row, other.when, opened.symbol, opened.currency, ratio=ratio)

    def unpaired(self) -> Iterator[Outcome]:
        """What is left at the end of the file."""
        for half in self._halves.values():
            yield _unpaired(half)
        self._halves.clear()


def _unpaired(half: _Half) -> InvalidRow:
    return InvalidRow(
        half.row.line,
        f"one half of a split: {half.quantity:f} {'after' if half.opens else 'before'} it, and no"
        " row says the other number; enter a split with its ratio",
        "ratio_numerator",
    )
