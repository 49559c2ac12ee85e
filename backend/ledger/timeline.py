"""A portfolio from day to day: what it is worth, what came in, left and was earned."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from backend.ledger.entries import (
    Entry,
    cash_movement,
    charges,
    fees_and_taxes,
    moves_units,
    transferred_basis,
)
from backend.ledger.exact import EXACT, ZERO, quotient
from backend.ledger.gains import realized_gain
from backend.ledger.market import MissingPrice, MissingRate, Price, Rates
from backend.ledger.methods import Method, Position
from backend.ledger.replay import Closing, Replay


@dataclass(frozen=True, slots=True)
class DayEnd:
    """The end of a day in the base currency; None where a price or a rate is missing."""

    date: date
    value: Decimal | None
    inflow: Decimal | None
    outflow: Decimal | None


@dataclass(slots=True)
class Parts:
    """Sums in the base currency since counting began; None once a rate was missing."""

    realized: Decimal | None = ZERO
    earnings: Decimal | None = ZERO
    fees: Decimal | None = ZERO
    taxes: Decimal | None = ZERO
    transfers: Decimal | None = ZERO


class Timeline:
    """Entries, prices and rates, day by day; each call goes on from where the last one ended."""

    def __init__(
        self,
        entries: Iterable[Entry],
        prices: Iterable[Price],
        rates: Rates,
        base_currency: str,
        *,
        method: Method,
        allow_short: bool,
    ) -> None:
        self.parts = Parts()
        self.missing_prices: dict[str, MissingPrice] = {}
        self.missing_rates: dict[str, MissingRate] = {}
        self._entries = iter(entries)
        self._next = next(self._entries, None)
        self._quotes = sorted(prices, reverse=True)
        self._prices: dict[str, Decimal] = {}
        self._rates = rates
        self._base = base_currency
        self._closings: list[Closing] = []
        self._replay = Replay(method, allow_short=allow_short, closings=self._closings)
        self._cash: dict[str, Decimal] = {}
        self._day = date.min
        self._inflow: Decimal | None = ZERO
        self._outflow: Decimal | None = ZERO

    def skip_to(self, day: date) -> DayEnd:
        """The end of a day, without counting what happened up to it."""
        with localcontext(EXACT):
            self._apply(day, counted=False)
            return DayEnd(day, self._value(), ZERO, ZERO)

    def advance(self, day: date) -> DayEnd:
        """The end of the next day, and what came in and left on it."""
        with localcontext(EXACT):
            self._inflow = self._outflow = ZERO
            self._apply(day, counted=True)
            return DayEnd(day, self._value(), self._inflow, self._outflow)

    def unrealized(self) -> Decimal | None:
        """What open positions are worth above their cost, at the end of the present day."""
        with localcontext(EXACT):
            total: Decimal | None = ZERO
            for position in self._replay.positions.values():
                if position.quantity:
                    cost, _ = position.basis()
                    value = self._market_value(
                        position.symbol, _signed(position), position.multiplier
                    )
                    less = -cost if position.short else cost
                    gain = None if value is None else value - less
                    total = _plus(total, self._in_base(gain, position.currency))
            return total

    def _apply(self, day: date, *, counted: bool) -> None:
        while self._next is not None and self._next.trade_date <= day:
            entry = self._next
            self._day = entry.trade_date
            if entry.type == "split":
                self._quote(before=entry.trade_date)
                self._adjust_price(entry)
            handler = self._replay.handlers.get(entry.type)
            if handler is not None:
                handler(entry)
            currency, amount = cash_movement(entry)
            self._cash[currency] = self._cash.get(currency, ZERO) + amount
            if counted:
                self._quote(up_to=entry.trade_date)
                self._count(entry, currency, amount)
            self._closings.clear()
            self._next = next(self._entries, None)
        self._day = day
        self._quote(up_to=day)

    def _quote(self, *, up_to: date = date.min, before: date = date.min) -> None:
        quotes = self._quotes
        while quotes and (quotes[-1].date <= up_to or quotes[-1].date < before):
            quote = quotes.pop()
            self._prices[quote.symbol] = quote.price

    def _adjust_price(self, split: Entry) -> None:
        """A price from before a split is of units from before it."""
        price = self._prices.get(split.symbol or "")
        if price is None or not split.ratio_numerator or not split.ratio_denominator:
            return
        self._prices[split.symbol or ""] = quotient(
            price * split.ratio_denominator, Decimal(split.ratio_numerator)
        )

    def _count(self, entry: Entry, currency: str, amount: Decimal) -> None:
        parts = self.parts
        for closing in self._closings:
            if entry.type != "transfer_out":
                pnl = realized_gain(closing).realized_pnl
                parts.realized = _plus(parts.realized, self._in_base(pnl, entry.currency))
        if moves_units(entry):
            self._count_units(entry)
        elif entry.type in ("deposit", "withdrawal", "transfer_in", "transfer_out"):
            moved = self._in_base(amount, currency)
            parts.transfers = _plus(parts.transfers, moved)
            self._flow(moved)
        elif entry.type in ("dividend", "interest"):
            parts.earnings = _plus(parts.earnings, self._in_base(amount, currency))
        elif entry.type in ("fee", "tax"):
            self._count_charges(entry)

    def _count_units(self, entry: Entry) -> None:
        parts = self.parts
        quantity = entry.quantity or ZERO
        if entry.type == "transfer_in":
            basis = transferred_basis(entry)[0] - charges(entry)
        else:
            # Their charges are in no lot: they are paid on top.
            self._count_charges(entry)
            quantity = -quantity
            basis = -sum((piece.cost for one in self._closings for piece in one.pieces), ZERO)
        parts.transfers = _plus(parts.transfers, self._in_base(basis, entry.currency))
        value = self._market_value(entry.symbol or "", quantity, entry.multiplier)
        self._flow(self._in_base(value, entry.currency))

    def _count_charges(self, entry: Entry) -> None:
        fees, taxes = fees_and_taxes(entry)
        self.parts.fees = _plus(self.parts.fees, self._in_base(fees, entry.currency))
        self.parts.taxes = _plus(self.parts.taxes, self._in_base(taxes, entry.currency))

    def _flow(self, moved: Decimal | None) -> None:
        if moved is None:
            self._inflow = self._outflow = None
        elif moved > 0:
            self._inflow = _plus(self._inflow, moved)
        else:
            self._outflow = _plus(self._outflow, -moved)

    def _value(self) -> Decimal | None:
        total: Decimal | None = ZERO
        for currency, amount in self._cash.items():
            total = _plus(total, self._in_base(amount, currency))
        for position in self._replay.positions.values():
            if position.quantity:
                value = self._market_value(position.symbol, _signed(position), position.multiplier)
                total = _plus(total, self._in_base(value, position.currency))
        return total

    def _market_value(self, symbol: str, quantity: Decimal, multiplier: Decimal) -> Decimal | None:
        price = self._prices.get(symbol)
        if price is None:
            self.missing_prices.setdefault(symbol, MissingPrice(symbol, self._day))
            return None
        return quantity * price * multiplier

    def _in_base(self, amount: Decimal | None, currency: str) -> Decimal | None:
        if not amount or currency == self._base:
            return amount
        rate = self._rates.at(currency, self._base, self._day)
        if rate is None:
            missing = MissingRate(currency, self._base, self._day)
            self.missing_rates.setdefault(currency, missing)
            return None
        return amount * rate


def _signed(position: Position) -> Decimal:
    quantity = position.real(position.quantity)
    return -quantity if position.short else quantity


def _plus(total: Decimal | None, amount: Decimal | None) -> Decimal | None:
    return None if total is None or amount is None else total + amount
