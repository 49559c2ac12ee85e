"""The order of entries, oversells, dust, and entries that cannot be replayed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ledger.entries import Entry, UnusableEntry
from backend.ledger.gains import realized_gains
from backend.ledger.holdings import holdings, holdings_of, open_lots, open_lots_of
from backend.ledger.methods import Method
from backend.ledger.ordering import in_replay_order
from backend.ledger.replay import Oversell, Replay, first_oversell, replay
from tests.unit.ledger.portfolios import FIRST_DAY, METHODS, entry, exactly, histories, methods

few = settings(max_examples=60, deadline=None)
every_method = pytest.mark.parametrize("method", METHODS)


def at(hour: int) -> datetime:
    return datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, hour, tzinfo=UTC)


def test_replay_order() -> None:
    """Date, then instant, sequence, rank and id; without a time it is the start of the day."""
    ordered = [
        entry("sell", 0, quantity="1", price="1", executed_at=at(0) - timedelta(hours=9)),
        entry("split", 0, ratio_numerator=2, ratio_denominator=1),
        entry("buy", 0, quantity="1", price="1", executed_at=at(0)),
        entry("transfer_in", 0, quantity="1", price="1"),
        entry("deposit", 0, net_amount="1"),
        entry("sell", 0, quantity="1", price="1"),
        entry("withdrawal", 0, net_amount="-1"),
        entry("split", 0, ratio_numerator=2, ratio_denominator=1, sequence=1),
        entry("sell", 0, quantity="1", price="1", executed_at=at(9), sequence=7),
        entry("buy", 0, quantity="1", price="1", executed_at=at(10), sequence=3),
        entry("sell", 1, quantity="1", price="1"),
    ]
    assert in_replay_order(reversed(ordered)) == ordered


def test_an_instant_without_a_zone_is_read_as_utc() -> None:
    first = entry("sell", executed_at=at(9), quantity="1", price="1")
    second = entry("buy", executed_at=at(9).replace(minute=1, tzinfo=None), price="1", quantity="1")
    assert in_replay_order([second, first]) == [first, second]


def test_an_oversell_names_the_first_row_that_breaks() -> None:
    entries = [
        entry("buy", 0, quantity="10", price="1"),
        entry("sell", 5, quantity="7", price="1"),
        entry("sell", 6, quantity="4.5", price="1"),
        entry("sell", 7, quantity="9", price="1"),
    ]
    oversell = first_oversell(entries)
    assert oversell is not None
    assert oversell.id == entries[2].id
    assert (oversell.symbol, oversell.currency) == ("AAA", "USD")
    assert oversell.date == FIRST_DAY + timedelta(days=6)
    numbers = oversell.available, oversell.requested, oversell.missing
    assert numbers == (Decimal(3), Decimal("4.5"), Decimal("1.5"))
    assert str(oversell) == "4.5 AAA are to leave on 2024-01-07, 3 are there"
    assert first_oversell(entries[:2]) is None
    assert first_oversell(entries, allow_short=True) is None


def test_a_backdated_sale_breaks_a_later_one() -> None:
    entries = [
        entry("buy", 0, quantity="10", price="1"),
        entry("sell", 9, quantity="10", price="1"),
    ]
    backdated = entry("sell", 4, quantity="1", price="1")
    oversell = first_oversell(in_replay_order([*entries, backdated]))
    assert oversell is not None
    assert oversell.id == entries[1].id
    assert oversell.missing == 1


@every_method
def test_oversells_do_not_depend_on_the_method(method: Method) -> None:
    entries = [
        entry("buy", quantity="10", price="1"),
        entry("split", 1, ratio_numerator=1, ratio_denominator=3),
        entry("sell", 2, quantity="3.34", price="1"),
    ]
    with pytest.raises(Oversell) as caught:
        replay(entries, method)
    assert str(caught.value.available) == "3." + "3" * 49


def test_a_symbol_in_two_currencies_is_two_positions() -> None:
    entries = [
        entry("buy", quantity="10", price="1"),
        entry("buy", quantity="5", price="2", currency="EUR"),
        entry("split", 1, ratio_numerator=2, ratio_denominator=1, currency="CHF"),
        entry("sell", 2, quantity="1", price="2", currency="EUR"),
    ]
    assert {one.currency: one.quantity for one in holdings(entries)} == {"EUR": 9, "USD": 20}
    too_many = entry("sell", 3, quantity="10", price="2", currency="EUR")
    oversell = first_oversell([*entries, too_many])
    assert oversell is not None
    assert oversell.available == 9
    assert oversell.currency == "EUR"


@every_method
@pytest.mark.parametrize("allow_short", [False, True])
def test_dust_closes_exactly(method: Method, allow_short: bool) -> None:
    bought = entry("buy", quantity="1", price="3")
    sold = entry("sell", 1, quantity="1.000000000001", price="4")
    assert open_lots([bought, sold], method, allow_short=allow_short) == []
    gains = realized_gains([bought, sold], method, allow_short=allow_short)
    assert [gain.realized_pnl for gain in gains.items] == [Decimal("1.000000000004")]
    more = sold._replace(quantity=Decimal("1.0000000000011"))
    assert (first_oversell([bought, more], allow_short=allow_short) is None) == allow_short
    assert len(open_lots([bought, more], method, allow_short=True)) == 1


@every_method
def test_dust_that_is_not_there_opens_nothing(method: Method) -> None:
    sold = entry("sell", quantity="0.000000000001", price="4")
    assert open_lots([sold], method) == []
    (gain,) = realized_gains([sold], method).items
    assert (gain.cost, gain.proceeds) == exactly(0, "0.000000000004")
    assert gain.lots == ()


@every_method
def test_what_cannot_be_written_closes_too(method: Method) -> None:
    """1/3 sold as 18 digits leaves less than the last of them."""
    entries = [
        entry("buy", quantity="1", price="3"),
        entry("split", 1, ratio_numerator=1, ratio_denominator=3),
        entry("sell", 2, quantity="0." + "3" * 18, price="9"),
    ]
    assert open_lots(entries, method) == []
    (gain,) = realized_gains(entries, method).items
    assert gain.cost == 3
    entries[2] = entries[2]._replace(quantity=Decimal("0." + "3" * 17))
    assert len(open_lots(entries, method)) == 1


def test_dust_is_counted_in_real_units() -> None:
    entries = [
        entry("buy", quantity="1", price="3"),
        entry("split", 1, ratio_numerator=1, ratio_denominator=3),
        entry("sell", 2, quantity="0.3333333333338", price="9"),
    ]
    assert first_oversell(entries) is None
    entries[2] = entries[2]._replace(quantity=Decimal("0.3333333333348"))
    assert first_oversell(entries) is not None


def test_every_order_of_insertion_gives_the_same_lots() -> None:
    entries = [
        entry("sell", 2, quantity="4", price="9"),
        entry("buy", 0, quantity="5", price="3"),
        entry("buy", 2, quantity="5", price="4"),
        entry("split", 2, ratio_numerator=3, ratio_denominator=1),
    ]
    found = [open_lots(in_replay_order(rows)) for rows in permutations(entries)]
    assert [lot.quantity for lot in found[0]] == [11, 5]
    assert all(lots == found[0] for lots in found)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (entry("buy", price="1"), "quantity"),
        (entry("buy", quantity="1"), "price"),
        (entry("buy", symbol=None, quantity="1", price="1"), "symbol"),
        (entry("split"), "ratio_numerator"),
        (entry("return_of_capital"), "net_amount"),
        (entry("transfer_in", quantity="1"), "price"),
    ],
)
def test_an_entry_that_lacks_something_is_not_guessed(row: Entry, field: str) -> None:
    with pytest.raises(UnusableEntry) as caught:
        replay([row])
    assert caught.value.field == field


@few
@given(histories(most=16), st.integers(0, 16), methods)
def test_a_replay_goes_on_from_a_copy(history: list[Entry], at: int, method: Method) -> None:
    """What comes later changes the copy and not the replay it was made of."""
    first = Replay(method, allow_short=True)
    first.take(history[:at])
    before = open_lots_of(first.positions.values())
    later = first.copy(allow_short=True)
    later.take(history[at:])
    whole = replay(history, method, allow_short=True)
    there = list(later.positions.values())
    assert holdings_of(there, include_closed=True) == holdings_of(whole, include_closed=True)
    assert open_lots_of(there) == open_lots_of(whole)
    assert open_lots_of(first.positions.values()) == before
