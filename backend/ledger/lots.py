"""Lots and the pieces that are taken from them."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from backend.ledger.exact import ONE, ZERO, quotient

Lot = tuple[Decimal, Decimal, Decimal, Decimal, date, UUID]
"""One opening: the quantity left, the quantity, cost and fee-free cost it began with, the date
and the id of its entry.

A plain tuple: a portfolio's replay makes one for every purchase, and naming its fields would
cost more than the rest of the purchase. For a short lot, cost is what the sale brought.
"""


class Piece(NamedTuple):
    """What one closing took from one lot; for a pool, `opened_*` are of its first purchase."""

    quantity: Decimal
    cost: Decimal
    cost_gross: Decimal
    opened_on: date
    opened_by: UUID


def cost_left(lot: Lot, left: Decimal) -> tuple[Decimal, Decimal]:
    """The cost and the fee-free cost of so much of a lot.

    It is the beginning's cost x the quantity left / the beginning's quantity, to 50 digits: it
    depends on how much was taken, not on how many pieces, and rounding does not add up.
    """
    _, quantity, cost, gross, *_ = lot
    if left == quantity:
        return cost, gross
    if not left:
        return ZERO, ZERO
    part = quotient(cost * left, quantity)
    return part, part if gross is cost else quotient(gross * left, quantity)


def remainder(lot: Lot, taken: Decimal) -> Lot:
    """The lot after so much of it is taken."""
    left, quantity, cost, gross, opened_on, opened_by = lot
    return left - taken, quantity, cost, gross, opened_on, opened_by


def piece(lot: Lot, taken: Decimal) -> Piece:
    """So much of a lot: its cost and that of what is left make what there was, exactly."""
    left = lot[0]
    cost, gross = cost_left(lot, left)
    if taken != left:
        rest, rest_gross = cost_left(lot, left - taken)
        cost, gross = cost - rest, gross - rest_gross
    return Piece(taken, cost, gross, lot[4], lot[5])


def scaled(lot: Lot, factor: Decimal, divisor: Decimal) -> Lot:
    """A lot of the quantity x a factor / a divisor, at the same cost.

    By another divisor than 1 to 50 digits.
    """
    left, quantity, cost, gross, opened_on, opened_by = lot
    left, quantity = left * factor, quantity * factor
    if divisor != ONE:
        left, quantity = quotient(left, divisor), quotient(quantity, divisor)
    return left, quantity, cost, gross, opened_on, opened_by


def reduced(lot: Lot, cost: Decimal, gross: Decimal) -> tuple[Lot, Decimal, Decimal]:
    """A lot whose costs are less by these amounts, but not below zero, and what exceeds them."""
    left = lot[0]
    old_cost, old_gross = cost_left(lot, left)
    new_cost, new_gross = max(old_cost - cost, ZERO), max(old_gross - gross, ZERO)
    return (
        (left, left, new_cost, new_gross, lot[4], lot[5]),
        cost - (old_cost - new_cost),
        gross - (old_gross - new_gross),
    )
