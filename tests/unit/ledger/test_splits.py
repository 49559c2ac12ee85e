"""Splits that follow each other: how far they may go, and what is left after many."""

from decimal import ROUND_DOWN, Decimal
from itertools import repeat

import pytest

from backend.ledger.entries import Entry
from backend.ledger.exact import EXACT, SMALLEST_QUANTITY
from backend.ledger.holdings import holdings
from backend.ledger.methods import Method
from backend.ledger.splits import LARGEST_RATIO, Oversplit, bounded
from tests.unit.ledger.portfolios import METHODS, entry

LARGEST_TERM = 2**31 - 1
every_method = pytest.mark.parametrize("method", METHODS)


def split(numerator: int, denominator: int = 1, **columns: object) -> Entry:
    return entry("split", 1, ratio_numerator=numerator, ratio_denominator=denominator, **columns)


@pytest.mark.parametrize("terms", [(10, 1), (1, 10)])
def test_splits_go_so_far_and_no_further(terms: tuple[int, int]) -> None:
    there = [entry("buy", quantity="1", price="1"), *(split(*terms) for _ in range(18))]
    assert list(bounded(there)) == there
    assert Decimal(10) ** 18 == LARGEST_RATIO
    last = split(*terms)
    with pytest.raises(Oversplit) as refused:
        list(bounded([*there, last]))
    assert (refused.value.id, refused.value.symbol) == (last.id, "AAA")
    # Another symbol's, and one that goes back, are no part of it.
    list(bounded([*there, split(*terms, symbol="BBB"), split(*terms[::-1]), last]))


def test_what_came_before_gives_no_room_to_go_further() -> None:
    """Units that are bought between the splits of both kinds would be too many."""
    down = [split(1, 10) for _ in range(18)]
    up = [split(10) for _ in range(18)]
    list(bounded(down + up))
    with pytest.raises(Oversplit):
        list(bounded([*down, *up, split(10)]))


def test_of_a_hundred_thousand_splits_the_second_is_refused() -> None:
    """Their product has more digits than a decimal may have."""
    entries = bounded(repeat(split(LARGEST_TERM), 100_000))
    next(entries)
    with pytest.raises(Oversplit):
        next(entries)


@every_method
def test_after_uneven_splits_what_no_column_can_hold_is_not_left(method: Method) -> None:
    there = [
        entry("buy", quantity="60", price="1"),
        entry("buy", quantity="40", price="2"),
        *(split(LARGEST_TERM, LARGEST_TERM - 18) for _ in range(6)),
    ]
    (held,) = holdings(there, method)
    assert held.quantity != held.quantity.quantize(SMALLEST_QUANTITY)
    assert len(held.quantity.as_tuple().digits) <= 50
    written = held.quantity.quantize(SMALLEST_QUANTITY, ROUND_DOWN, EXACT)
    assert holdings([*there, entry("sell", 2, quantity=written, price="1")], method) == []


@every_method
def test_quantities_that_were_rounded_are_split_on(method: Method) -> None:
    uneven = [split(LARGEST_TERM, LARGEST_TERM - 18) for _ in range(6)]
    even = [split(10) for _ in range(17)]
    there = [entry("buy", quantity="100", price="1"), *uneven]
    (before,) = holdings(there, method)
    (after,) = holdings([*there, *even], method)
    assert after.quantity == before.quantity.scaleb(17, EXACT)
    written = after.quantity.quantize(SMALLEST_QUANTITY, ROUND_DOWN, EXACT)
    sold = entry("sell", 2, quantity=written, price="0")
    assert holdings([*there, *even, sold], method) == []
