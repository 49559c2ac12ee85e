"""Report of realized gains: each closing with the lots it took."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from uuid import UUID

from backend.ledger.entries import Entry, EntryType, charges, fees_and_taxes, net_amount
from backend.ledger.exact import EXACT, ZERO, quotient
from backend.ledger.methods import Method
from backend.ledger.replay import Closing, replay


@dataclass(frozen=True, slots=True)
class Closed:
    """Units that were closed: what they cost and brought; `_gross` without fees and taxes."""

    quantity: Decimal
    cost: Decimal
    proceeds: Decimal
    realized_pnl: Decimal
    cost_gross: Decimal
    proceeds_gross: Decimal
    realized_pnl_gross: Decimal


@dataclass(frozen=True, slots=True)
class MatchedLot(Closed):
    """A closing's share of one lot; `opened_by` is the entry that opened it.

    Under `average` it is a share of the pool, and dates are of the pool's first purchase.
    """

    opened_on: date
    opened_by: UUID
    holding_days: int


@dataclass(frozen=True, slots=True)
class RealizedGain(Closed):
    """What one entry realized.

    It is a sale, a purchase or transfer that closes a short position, or a return of capital as
    far as it exceeds the basis, which has no lots.

    `fee` and `tax` are the entry's own, also where only a part of it closes.
    """

    id: UUID
    type: EntryType
    symbol: str
    currency: str
    date: date
    fee: Decimal
    tax: Decimal
    lots: tuple[MatchedLot, ...]


@dataclass(frozen=True, slots=True)
class TransferredOut:
    """Units that left with their basis and without a gain, and the lots they were taken from.

    Proceeds in `lots` equal costs.
    """

    id: UUID
    symbol: str
    currency: str
    date: date
    quantity: Decimal
    cost_basis: Decimal
    cost_basis_gross: Decimal
    lots: tuple[MatchedLot, ...]


@dataclass(frozen=True, slots=True)
class GainTotals:
    """Totals of one currency.

    `fees` and `taxes` are all that were paid in the time, also inside purchases and as entries
    of their own. `dividends` and `interest` are after fee and tax, `dividends_gross` before.
    """

    currency: str
    realized_pnl: Decimal = ZERO
    realized_pnl_gross: Decimal = ZERO
    fees: Decimal = ZERO
    taxes: Decimal = ZERO
    dividends: Decimal = ZERO
    dividends_gross: Decimal = ZERO
    interest: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class RealizedGains:
    """What was realized from `start` to `end`, both inclusive, and totals by currency.

    Of several currencies those in which nothing was realized, earned or paid have no total.
    """

    items: tuple[RealizedGain, ...]
    transfers_out: tuple[TransferredOut, ...]
    totals: tuple[GainTotals, ...]


def realized_gains(
    entries: Iterable[Entry],
    method: Method = "fifo",
    *,
    allow_short: bool = False,
    start: date | None = None,
    end: date | None = None,
) -> RealizedGains:
    """What entries realized from `start` to `end`; those before `start` make the lots.

    Entries come in replay order, all of the portfolio's from its beginning.

    Raises:
        Oversell: more units leave than there are.
        UnusableEntry: an entry lacks what its type needs.
    """
    first = start or date.min
    totals = _Totals(first)
    closings: list[Closing] = []
    replay(totals.watch(entries), method, allow_short=allow_short, as_of=end, closings=closings)
    items: list[RealizedGain] = []
    transfers: list[TransferredOut] = []
    with localcontext(EXACT):
        for closing in closings:
            if closing.entry.trade_date < first:
                continue
            if closing.entry.type == "transfer_out":
                transfers.append(_transferred_out(closing))
            else:
                gain = realized_gain(closing)
                items.append(gain)
                totals.add(gain.currency, "realized_pnl", gain.realized_pnl)
                totals.add(gain.currency, "realized_pnl_gross", gain.realized_pnl_gross)
    return RealizedGains(tuple(items), tuple(transfers), totals.report(end or date.max))


def realized_gain(closing: Closing) -> RealizedGain:
    """The report of one closing; inside the context `EXACT`."""
    entry = closing.entry
    lots = _matched(closing)
    if closing.short:
        cost, cost_gross = closing.amount, closing.gross
        proceeds = sum((lot.proceeds for lot in lots), ZERO)
        proceeds_gross = sum((lot.proceeds_gross for lot in lots), ZERO)
    else:
        proceeds, proceeds_gross = closing.amount, closing.gross
        cost = sum((lot.cost for lot in lots), ZERO)
        cost_gross = sum((lot.cost_gross for lot in lots), ZERO)
    return RealizedGain(
        id=entry.id,
        type=entry.type,
        symbol=entry.symbol or "",
        currency=entry.currency,
        date=entry.trade_date,
        quantity=closing.quantity,
        cost=cost,
        proceeds=proceeds,
        realized_pnl=proceeds - cost,
        cost_gross=cost_gross,
        proceeds_gross=proceeds_gross,
        realized_pnl_gross=proceeds_gross - cost_gross,
        fee=entry.fee,
        tax=entry.tax,
        lots=lots,
    )


def _transferred_out(closing: Closing) -> TransferredOut:
    entry = closing.entry
    cost = sum((piece.cost for piece in closing.pieces), ZERO)
    gross = sum((piece.cost_gross for piece in closing.pieces), ZERO)
    return TransferredOut(
        id=entry.id,
        symbol=entry.symbol or "",
        currency=entry.currency,
        date=entry.trade_date,
        quantity=closing.quantity,
        cost_basis=cost,
        cost_basis_gross=gross,
        lots=_matched(closing),
    )


def _matched(closing: Closing) -> tuple[MatchedLot, ...]:
    """The pieces with their shares of what the closing brought or cost; the shares make it up."""
    found = []
    total = sum((piece.quantity for piece in closing.pieces), ZERO)
    at_cost = closing.entry.type == "transfer_out"
    reached, shared, shared_gross = ZERO, ZERO, ZERO
    for piece in closing.pieces:
        reached += piece.quantity
        if at_cost:
            share, share_gross = piece.cost, piece.cost_gross
        elif reached == total:
            share, share_gross = closing.amount - shared, closing.gross - shared_gross
        else:
            share = quotient(closing.amount * reached, total) - shared
            share_gross = quotient(closing.gross * reached, total) - shared_gross
        shared += share
        shared_gross += share_gross
        cost, proceeds = (share, piece.cost) if closing.short else (piece.cost, share)
        gross_cost, gross_proceeds = (
            (share_gross, piece.cost_gross) if closing.short else (piece.cost_gross, share_gross)
        )
        found.append(
            MatchedLot(
                opened_on=piece.opened_on,
                opened_by=piece.opened_by,
                quantity=piece.quantity,
                cost=cost,
                proceeds=proceeds,
                realized_pnl=proceeds - cost,
                cost_gross=gross_cost,
                proceeds_gross=gross_proceeds,
                realized_pnl_gross=gross_proceeds - gross_cost,
                holding_days=(closing.entry.trade_date - piece.opened_on).days,
            )
        )
    return tuple(found)


class _Totals:
    """Sums by currency of what passes; inside the context `EXACT`."""

    def __init__(self, first: date) -> None:
        self._first = first
        self._sums: dict[str, dict[str, Decimal]] = {}
        self._seen: list[Entry] = []

    def watch(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """The entries themselves; those from the first day on are kept for the totals."""
        for entry in entries:
            if entry.trade_date >= self._first:
                self._seen.append(entry)
            yield entry

    def add(self, currency: str, name: str, amount: Decimal) -> None:
        sums = self._sums.setdefault(currency, {})
        sums[name] = sums.get(name, ZERO) + amount

    def report(self, last: date) -> tuple[GainTotals, ...]:
        with localcontext(EXACT):
            for entry in self._seen:
                # One entry after the last may have been read to find the end.
                if entry.trade_date <= last:
                    self._count(entry)
        told = [name for name, sums in self._sums.items() if any(sums.values())]
        if not told and len(self._sums) == 1:
            told = [*self._sums]
        return tuple(GainTotals(currency, **self._sums[currency]) for currency in sorted(told))

    def _count(self, entry: Entry) -> None:
        if entry.type == "split":
            # It has no amounts, so its currency says nothing.
            return
        fees, taxes = fees_and_taxes(entry)
        self.add(entry.currency, "fees", fees)
        if taxes:
            self.add(entry.currency, "taxes", taxes)
        if entry.type == "dividend":
            amount = net_amount(entry)
            self.add(entry.currency, "dividends", amount)
            self.add(entry.currency, "dividends_gross", amount + charges(entry))
        elif entry.type == "interest":
            self.add(entry.currency, "interest", net_amount(entry))
