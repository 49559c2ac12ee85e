"""Reports of what is held: holdings and open lots."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from uuid import UUID

from backend.ledger.entries import Entry
from backend.ledger.exact import EXACT, quotient
from backend.ledger.lots import cost_left
from backend.ledger.methods import Method, Position
from backend.ledger.replay import replay


@dataclass(frozen=True, slots=True)
class Holding:
    """A position in one symbol and currency; quantity and costs are negative if it is short.

    `cost_basis` has fees and taxes inside, `cost_basis_gross` has not. `average_cost` is that
    of one unit, so for a contract the multiplier is inside; None if nothing is held. `fees` and
    `taxes` are all that its entries have paid.
    """

    symbol: str
    currency: str
    quantity: Decimal
    cost_basis: Decimal
    average_cost: Decimal | None
    cost_basis_gross: Decimal
    average_cost_gross: Decimal | None
    fees: Decimal
    taxes: Decimal
    multiplier: Decimal
    opened_on: date | None


@dataclass(frozen=True, slots=True)
class OpenLot:
    """What is left of one opening; quantity and costs are negative if it is short.

    `opened_by` is the id of its entry. Under `average` there is one lot, as old as its first
    purchase.
    """

    symbol: str
    currency: str
    quantity: Decimal
    cost_basis: Decimal
    unit_cost: Decimal
    cost_basis_gross: Decimal
    opened_on: date
    opened_by: UUID


def holdings(
    entries: Iterable[Entry],
    method: Method = "fifo",
    *,
    allow_short: bool = False,
    as_of: date | None = None,
    include_closed: bool = False,
) -> list[Holding]:
    """What is held at the end of a day, or after the last entry, by symbol and currency.

    Entries come in replay order.

    Raises:
        Oversell: more units leave than there are.
        UnusableEntry: an entry lacks what its type needs.
    """
    positions = replay(entries, method, allow_short=allow_short, as_of=as_of)
    return holdings_of(positions, include_closed=include_closed)


def holdings_of(positions: Iterable[Position], *, include_closed: bool = False) -> list[Holding]:
    """What positions hold, by symbol and currency."""
    with localcontext(EXACT):
        found = [holding(position) for position in positions]
    found.sort(key=_by_symbol)
    return [held for held in found if include_closed or held.quantity]


def open_lots(
    entries: Iterable[Entry],
    method: Method = "fifo",
    *,
    allow_short: bool = False,
    as_of: date | None = None,
    symbol: str | None = None,
) -> list[OpenLot]:
    """The open lots at the end of a day, or after the last entry, by symbol, oldest first.

    Entries come in replay order.

    Raises:
        Oversell: more units leave than there are.
        UnusableEntry: an entry lacks what its type needs.
    """
    positions = replay(entries, method, allow_short=allow_short, as_of=as_of)
    return open_lots_of(
        position for position in positions if symbol is None or position.symbol == symbol
    )


def open_lots_of(positions: Iterable[Position]) -> list[OpenLot]:
    """The open lots of positions, by symbol, oldest first."""
    with localcontext(EXACT):
        found = [lot for position in positions for lot in lots_of(position)]
    found.sort(key=_by_symbol)
    return found


def holding(position: Position) -> Holding:
    """The report of one position; inside the context `EXACT`."""
    lots = position.lots()
    cost, gross = position.basis()
    quantity = position.real(position.quantity)
    held = bool(quantity)
    return Holding(
        symbol=position.symbol,
        currency=position.currency,
        quantity=-quantity if position.short else quantity,
        cost_basis=-cost if position.short else cost,
        average_cost=_unit(position, cost) if held else None,
        cost_basis_gross=-gross if position.short else gross,
        average_cost_gross=_unit(position, gross) if held else None,
        fees=position.fees,
        taxes=position.taxes,
        multiplier=position.multiplier,
        opened_on=min((lot[4] for lot in lots), default=None),
    )


def lots_of(position: Position) -> list[OpenLot]:
    """The open lots of one position, oldest first; inside the context `EXACT`."""
    found = []
    for lot in position.lots():
        cost, gross = cost_left(lot, lot[0])
        quantity = position.real(lot[0])
        found.append(
            OpenLot(
                symbol=position.symbol,
                currency=position.currency,
                quantity=-quantity if position.short else quantity,
                cost_basis=-cost if position.short else cost,
                # By the scaled quantity: the real one may already be rounded.
                unit_cost=quotient(cost * position.scale, lot[0]),
                cost_basis_gross=-gross if position.short else gross,
                opened_on=lot[4],
                opened_by=lot[5],
            )
        )
    return found


def _unit(position: Position, cost: Decimal) -> Decimal:
    return quotient(cost * position.scale, position.quantity)


def _by_symbol(reported: Holding | OpenLot) -> tuple[str, str]:
    return reported.symbol, reported.currency
