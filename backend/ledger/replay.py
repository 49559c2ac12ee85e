"""Replaying entries: what is held after them, and what each closing took."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal, localcontext
from itertools import takewhile
from typing import Final, NamedTuple

from backend.ledger.entries import (
    Entry,
    EntryType,
    UnusableEntry,
    gross_amount,
    net_amount,
    transferred_basis,
)
from backend.ledger.exact import EXACT, ONE, ZERO, quotient
from backend.ledger.lots import Piece
from backend.ledger.methods import POSITIONS, Method, Position


class Oversell(Exception):
    """An entry takes more units than there are; the first one in replay order.

    `available` is what is held in `currency` before it, `missing` is `requested` less that.
    """

    def __init__(self, entry: Entry, symbol: str, available: Decimal, requested: Decimal) -> None:
        with localcontext(EXACT):
            self.missing: Final = requested - available
        self.id: Final = entry.id
        self.symbol: Final = symbol
        self.currency: Final = entry.currency
        self.date: Final = entry.trade_date
        self.available: Final = available
        self.requested: Final = requested
        super().__init__(
            f"{requested:f} {symbol} are to leave on {self.date}, {available:f} are there"
        )


class Closing(NamedTuple):
    """What one entry took from lots, or a return of capital beyond all basis.

    `amount` is what it brought after fee and tax, or, where a purchase closes a short position,
    what it cost; zero where units are transferred out. `gross` is without fee and tax.
    """

    entry: Entry
    short: bool
    quantity: Decimal
    amount: Decimal
    gross: Decimal
    pieces: tuple[Piece, ...]


def replay(
    entries: Iterable[Entry],
    method: Method = "fifo",
    *,
    allow_short: bool = False,
    as_of: date | None = None,
    closings: list[Closing] | None = None,
) -> list[Position]:
    """Replay entries in the order of `backend.ledger.ordering`, up to the end of a day.

    One pass: the entries may come from a cursor. Returns the positions in the order of their
    first entries, closed ones too; what each closing took is appended to `closings` if given.

    Raises:
        Oversell: more units leave than there are, and short positions are not allowed; units
            that are transferred out always have to be there.
        UnusableEntry: an entry lacks what its type needs.
    """
    run = Replay(method, allow_short=allow_short, closings=closings)
    if as_of is not None:
        entries = takewhile(lambda entry: entry.trade_date <= as_of, entries)
    run.take(entries)
    return list(run.positions.values())


class Replay:
    """The positions of one replay, and what each type of entry does to them.

    `handlers` has a function for each type that changes positions; call them inside the context
    `EXACT`, as `take` does.
    """

    def __init__(
        self, method: Method, *, allow_short: bool, closings: list[Closing] | None = None
    ) -> None:
        self.positions: dict[tuple[str, str], Position] = {}
        self.handlers: dict[EntryType, Callable[[Entry], None]] = {
            "buy": self._buy,
            "sell": self._sell,
            "split": self._split,
            "return_of_capital": self._return_of_capital,
            "transfer_in": self._transfer_in,
            "transfer_out": self._transfer_out,
        }
        self._method: Final = method
        self._make = POSITIONS[method]
        # The position each symbol had last: nearly always the only one.
        self._latest: dict[str, Position] = {}
        self._allow_short = allow_short
        self._closings = closings

    def take(self, entries: Iterable[Entry]) -> None:
        """Replay entries that come after those so far.

        Raises:
            Oversell, UnusableEntry: as `replay` says; the replay is then of no more use.
        """
        handlers = self.handlers
        with localcontext(EXACT):
            for entry in entries:
                # By position, here and where units are bought and sold: by name takes longer.
                handler = handlers.get(entry[1])
                if handler is not None:
                    handler(entry)

    def copy(self, *, allow_short: bool) -> "Replay":
        """Another replay that goes on from here, and leaves this one as it is."""
        other = Replay(self._method, allow_short=allow_short)
        with localcontext(EXACT):
            for key, position in self.positions.items():
                other.positions[key] = position.copy()
        return other

    def _position(self, symbol: str, currency: str) -> Position:
        key = symbol, currency
        position = self.positions.get(key)
        if position is None:
            position = self.positions[key] = self._make(symbol, currency)
        self._latest[symbol] = position
        return position

    def _buy(self, entry: Entry) -> None:
        (id_, _, trade_date, currency, _, _, symbol, quantity, price, fee, tax, net, multiplier,
         _, _, _, _) = entry  # fmt: skip
        if symbol is None or quantity is None:
            raise UnusableEntry(id_, "symbol" if symbol is None else "quantity")
        position = self._latest.get(symbol)
        if position is None or position.currency != currency:
            position = self._position(symbol, currency)
        if price is None:
            if net is None:
                raise UnusableEntry(id_, "price")
            cost = -net
            gross = cost - fee - tax
        else:
            gross = quantity * price
            if multiplier != ONE:
                gross *= multiplier
            cost = gross + fee
            if tax:
                cost += tax
            if net is not None:
                cost = -net
        position.fees += fee
        if tax:
            position.taxes += tax
        if position.short or position.scale != 1:
            self._bring(position, entry, quantity, cost, gross)
        else:
            position.add(quantity, cost, gross, trade_date, id_)
        position.multiplier = multiplier

    def _sell(self, entry: Entry) -> None:
        currency, symbol, quantity, tax = entry[3], entry[6], entry[7], entry[10]
        if symbol is None or quantity is None:
            raise UnusableEntry(entry.id, "symbol" if symbol is None else "quantity")
        position = self._latest.get(symbol)
        if position is None or position.currency != currency:
            position = self._position(symbol, currency)
        position.fees += entry[9]
        if tax:
            position.taxes += tax
        if (
            self._closings is None
            and quantity < position.quantity
            and position.scale == 1
            and not position.short
        ):
            position.take(quantity, None)
        else:
            self._release(position, entry, quantity)

    def _bring(
        self, position: Position, entry: Entry, quantity: Decimal, cost: Decimal, gross: Decimal
    ) -> None:
        """Units come in: they close a short position first, and what is over opens a long one."""
        if position.short and position.quantity:
            quantity, cost, gross = self._close(position, entry, quantity, cost, gross)
        if quantity:
            self._open(position, entry, quantity, cost, gross, short=False)

    def _release(self, position: Position, entry: Entry, quantity: Decimal) -> None:
        """Units are sold: long lots first, and what is over opens a short position."""
        opens = position.short or position.exceeds(quantity)
        if opens and not self._allow_short:
            raise self._oversell(position, entry, quantity)
        amount = gross = ZERO
        if opens or self._closings is not None:
            amount = net_amount(entry)
            price_only = gross_amount(entry)
            gross = amount + entry.fee + entry.tax if price_only is None else price_only
        if not opens or (position.quantity and not position.short):
            quantity, amount, gross = self._close(position, entry, quantity, amount, gross)
        if quantity:
            self._open(position, entry, quantity, amount, gross, short=True)
            position.multiplier = entry.multiplier

    def _open(
        self,
        position: Position,
        entry: Entry,
        quantity: Decimal,
        cost: Decimal,
        gross: Decimal,
        *,
        short: bool,
    ) -> None:
        position.short = short
        quantity *= position.scale
        position.add(quantity, cost, gross, entry.trade_date, entry.id)

    def _close(
        self, position: Position, entry: Entry, quantity: Decimal, amount: Decimal, gross: Decimal
    ) -> tuple[Decimal, Decimal, Decimal]:
        """Take units from lots; returns the quantity that is over, and its part of the amounts."""
        crosses = position.exceeds(quantity)
        available = position.real(position.quantity)
        closed, closed_amount, closed_gross = quantity, amount, gross
        if crosses:
            closed = available
            closed_amount = quotient(amount * available, quantity)
            closed_gross = quotient(gross * available, quantity)
        short = position.short
        pieces: list[Piece] | None = None if self._closings is None else []
        scale = position.scale
        position.close(position.closable(quantity), pieces)
        if self._closings is not None and pieces is not None:
            if scale != 1:
                divisor = Decimal(scale)
                pieces = [
                    piece._replace(quantity=quotient(piece.quantity, divisor)) for piece in pieces
                ]
            self._closings.append(
                Closing(entry, short, closed, closed_amount, closed_gross, tuple(pieces))
            )
        if crosses:
            return quantity - closed, amount - closed_amount, gross - closed_gross
        return ZERO, ZERO, ZERO

    def _split(self, entry: Entry) -> None:
        if entry.ratio_numerator is None or entry.ratio_denominator is None:
            raise UnusableEntry(entry.id, "ratio_numerator")
        for position in self.positions.values():
            if position.symbol == entry.symbol:
                position.split(entry.ratio_numerator, entry.ratio_denominator)

    def _return_of_capital(self, entry: Entry) -> None:
        if entry.symbol is None:
            raise UnusableEntry(entry.id, "symbol")
        amount = net_amount(entry)
        gross = amount + entry.fee + entry.tax
        position = self._position(entry.symbol, entry.currency)
        beyond, beyond_gross = position.return_capital(amount, gross)
        if self._closings is not None and (beyond or beyond_gross):
            self._closings.append(Closing(entry, False, ZERO, beyond, beyond_gross, ()))

    def _transfer_in(self, entry: Entry) -> None:
        if entry.symbol is None:
            return
        if entry.quantity is None:
            raise UnusableEntry(entry.id, "quantity")
        position = self._charged(entry, entry.symbol)
        cost, gross = transferred_basis(entry)
        self._bring(position, entry, entry.quantity, cost, gross)
        position.multiplier = entry.multiplier

    def _transfer_out(self, entry: Entry) -> None:
        if entry.symbol is None:
            return
        if entry.quantity is None:
            raise UnusableEntry(entry.id, "quantity")
        position = self._charged(entry, entry.symbol)
        if position.short or position.exceeds(entry.quantity):
            raise self._oversell(position, entry, entry.quantity)
        self._close(position, entry, entry.quantity, ZERO, ZERO)

    def _charged(self, entry: Entry, symbol: str) -> Position:
        position = self._position(symbol, entry.currency)
        position.fees += entry.fee
        position.taxes += entry.tax
        return position

    @staticmethod
    def _oversell(position: Position, entry: Entry, requested: Decimal) -> Oversell:
        available = ZERO if position.short else position.real(position.quantity)
        return Oversell(entry, position.symbol, available, requested)


def first_oversell(entries: Iterable[Entry], *, allow_short: bool = False) -> Oversell | None:
    """The first entry in replay order that takes more units than there are, if any.

    The same under every method. Hand in the whole timeline of the symbols that a change
    touches: a change may break an entry long after it.

    Raises:
        UnusableEntry: an entry lacks what its type needs.
    """
    try:
        # A pool is the least work, and quantities do not depend on the method.
        replay(entries, "average", allow_short=allow_short)
    except Oversell as oversell:
        return oversell
    return None
