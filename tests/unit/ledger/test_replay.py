"""Order, oversells, dust, short positions, splits, returns of capital and transfers."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from itertools import permutations

import pytest

from backend.ledger.cash import cash
from backend.ledger.entries import Entry, UnusableEntry
from backend.ledger.exact import EXACT
from backend.ledger.gains import realized_gains
from backend.ledger.holdings import holdings, open_lots
from backend.ledger.methods import Method
from backend.ledger.ordering import in_replay_order
from backend.ledger.replay import Oversell, first_oversell, replay
from tests.unit.ledger.portfolios import FIRST_DAY, METHODS, entry, exactly

every_method = pytest.mark.parametrize("method", METHODS)


def at(hour: int) -> datetime:
    return datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, hour, tzinfo=UTC)


def quantity_of(entries: list[Entry], method: Method = "fifo") -> Decimal:
    (held,) = holdings(entries, method, allow_short=True, include_closed=True)
    return held.quantity


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


def test_methods_take_different_lots() -> None:
    buys = [
        entry("buy", day, quantity="10", price=price)
        for day, price in enumerate(("20", "50", "50", "10"))
    ]
    sold = entry("sell", 9, quantity="15", price="100")
    taken = {
        method: [
            (lot.opened_by, lot.quantity, lot.cost)
            for lot in realized_gains([*buys, sold], method).items[0].lots
        ]
        for method in METHODS
    }
    ids = [row.id for row in buys]
    assert taken == {
        "fifo": [(ids[0], 10, 200), (ids[1], 5, 250)],
        "lifo": [(ids[3], 10, 100), (ids[2], 5, 250)],
        "hifo": [(ids[1], 10, 500), (ids[2], 5, 250)],
        "average": [(ids[0], 15, Decimal("487.5"))],
    }


def test_hifo_ranks_by_cost_with_fees_across_splits() -> None:
    entries = [
        entry("buy", 0, quantity="10", price="30"),
        entry("split", 1, ratio_numerator=2, ratio_denominator=1),
        entry("buy", 2, quantity="20", price="14.9", fee="4"),
        entry("buy", 2, quantity="20", price="14.9"),
        entry("sell", 3, quantity="25", price="20"),
    ]
    (gain,) = realized_gains(entries, "hifo").items
    assert [lot.opened_by for lot in gain.lots] == [entries[2].id, entries[0].id]
    assert gain.cost == Decimal(302) + Decimal(75)


@every_method
def test_fees_and_taxes_are_in_the_basis(method: Method) -> None:
    entries = [
        entry("buy", quantity="3", price="100", fee="1", tax="2"),
        entry("sell", 1, quantity="1", price="150", fee="5", tax="10"),
    ]
    (held,) = holdings(entries, method)
    assert (held.cost_basis, held.cost_basis_gross) == exactly(202, 200)
    assert (held.average_cost, held.average_cost_gross) == exactly(101, 100)
    assert (held.fees, held.taxes) == exactly(6, 12)
    found = realized_gains(entries, method)
    (gain,) = found.items
    assert (gain.proceeds, gain.cost, gain.realized_pnl) == exactly(135, 101, 34)
    assert gain.realized_pnl_gross == 50
    (total,) = found.totals
    assert (total.fees, total.taxes) == exactly(6, 12)


@every_method
def test_short_positions(method: Method) -> None:
    """Opened by a sale, closed by a purchase; across zero one entry does both."""
    sold = entry("sell", 0, quantity="10", price="50", fee="10")
    covered = entry("buy", 4, quantity="15", price="40", fee="15")
    (held,) = holdings([sold], method, allow_short=True)
    assert (held.quantity, held.cost_basis, held.average_cost) == exactly(-10, -490, 49)
    (held,) = holdings([sold, covered], method, allow_short=True)
    assert (held.quantity, held.cost_basis, held.cost_basis_gross) == exactly(5, 205, 200)
    (gain,) = realized_gains([sold, covered], method, allow_short=True).items
    assert (gain.quantity, gain.proceeds, gain.cost, gain.realized_pnl) == exactly(10, 490, 410, 80)
    assert gain.realized_pnl_gross == 100
    (lot,) = gain.lots
    assert (lot.opened_on, lot.holding_days) == (FIRST_DAY, 4)
    assert lot.realized_pnl == 80


@every_method
def test_a_sale_across_zero_closes_and_opens(method: Method) -> None:
    entries = [
        entry("buy", quantity="10", price="10"),
        entry("sell", 1, quantity="30", price="12", fee="3", multiplier="1"),
    ]
    (gain,) = realized_gains(entries, method, allow_short=True).items
    assert (gain.quantity, gain.proceeds, gain.cost) == exactly(10, 119, 100)
    (lot,) = open_lots(entries, method, allow_short=True)
    assert (lot.quantity, lot.cost_basis, lot.unit_cost) == exactly(-20, -238, "11.9")
    with pytest.raises(Oversell):
        open_lots(entries, method)


@every_method
def test_return_of_capital(method: Method) -> None:
    """It lowers the basis by units; what exceeds a lot's basis is a gain."""
    entries = [
        entry("buy", 0, quantity="10", price="1"),
        entry("buy", 1, quantity="30", price="5"),
        entry("return_of_capital", 2, net_amount="60"),
    ]
    (held,) = holdings(entries, method)
    gains = realized_gains(entries, method).items
    if method == "average":
        assert held.cost_basis == 100
        assert gains == ()
    else:
        assert held.cost_basis == 105
        (gain,) = gains
        assert (gain.type, gain.lots) == ("return_of_capital", ())
        assert gain.realized_pnl == 5
    without = realized_gains([entries[2]], method)
    assert [gain.realized_pnl for gain in without.items] == [60]


@every_method
def test_shares_of_a_return_of_capital_make_the_whole(method: Method) -> None:
    entries = [
        *(entry("buy", day, quantity="1", price="10", fee="1") for day in range(3)),
        entry("return_of_capital", 4, net_amount="9", tax="1"),
    ]
    (held,) = holdings(entries, method)
    assert (held.cost_basis, held.cost_basis_gross) == exactly(24, 20)


def test_transfers_carry_a_basis_and_make_no_gain() -> None:
    entries = [
        entry("buy", 0, quantity="10", price="10", fee="5"),
        entry("transfer_in", 1, quantity="10", net_amount="-300"),
        entry("transfer_in", 2, quantity="10", price="40", fee="1"),
        entry("transfer_out", 3, quantity="15", fee="7"),
    ]
    report = realized_gains(entries)
    assert report.items == ()
    (out,) = report.transfers_out
    assert (out.quantity, out.cost_basis, out.cost_basis_gross) == exactly(15, 255, 250)
    assert [lot.realized_pnl for lot in out.lots] == [0, 0]
    (held,) = holdings(entries)
    assert (held.quantity, held.cost_basis) == exactly(15, 551)


def test_units_that_are_not_there_cannot_be_transferred_out() -> None:
    entries = [
        entry("buy", quantity="1", price="1"),
        entry("transfer_out", 1, quantity="2"),
    ]
    with pytest.raises(Oversell):
        replay(entries, allow_short=True)


@every_method
def test_a_closed_position_is_reported_on_demand(method: Method) -> None:
    entries = [
        entry("buy", quantity="2", price="10", fee="1"),
        entry("sell", 1, quantity="2", price="20"),
    ]
    assert holdings(entries, method) == []
    (held,) = holdings(entries, method, include_closed=True)
    assert (held.quantity, held.cost_basis, held.average_cost) == exactly(0, 0, None)
    assert (held.fees, held.opened_on) == exactly(1, None)


def test_net_amount_wins_over_quantity_and_price() -> None:
    entries = [
        entry("buy", quantity="300", price="135.0075", fee="1.34", net_amount="-40503.61"),
        entry("sell", 1, quantity="300", price="136", fee="1", net_amount="40798.99"),
    ]
    (held,) = holdings(entries[:1])
    assert held.cost_basis == Decimal("40503.61")
    assert held.cost_basis_gross == Decimal("40502.25")
    (gain,) = realized_gains(entries).items
    assert gain.realized_pnl == Decimal("295.38")


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


def test_splits_that_undo_each_other_leave_no_trace() -> None:
    """Also many of them: the scale of quantities is reduced as fractions are."""
    bought = entry("buy", quantity="1", price="1")
    there = entry("split", 1, ratio_numerator=7, ratio_denominator=3)
    back = entry("split", 1, ratio_numerator=3, ratio_denominator=7)
    assert quantity_of([bought, *[there, back] * 200]) == 1
    assert abs(quantity_of([bought, *[there] * 200, *[back] * 200]) - 1) < Decimal("1e-40")


def test_dust_is_counted_in_real_units() -> None:
    entries = [
        entry("buy", quantity="1", price="3"),
        entry("split", 1, ratio_numerator=1, ratio_denominator=3),
        entry("sell", 2, quantity="0.3333333333338", price="9"),
    ]
    assert first_oversell(entries) is None
    entries[2] = entries[2]._replace(quantity=Decimal("0.3333333333348"))
    assert first_oversell(entries) is not None


@every_method
def test_a_return_of_capital_of_many_digits_is_not_rounded(method: Method) -> None:
    amount = Decimal("0." + "7" * 60)
    entries = [
        *(entry("buy", day, quantity="1", price="10") for day in range(3)),
        entry("return_of_capital", 4, net_amount=amount),
    ]
    (held,) = holdings(entries, method)
    with localcontext(EXACT):
        assert held.cost_basis == 30 - amount


def test_the_example_of_the_documentation() -> None:
    """docs/ledger.md works it out by hand."""
    entries = [
        entry("deposit", 1, net_amount="2000"),
        entry("buy", 2, quantity="10", price="100", fee="10"),
        entry("buy", 31, quantity="5", price="130", fee="5"),
        entry("split", 60, ratio_numerator=2, ratio_denominator=1),
        entry("sell", 74, quantity="24", price="70", fee="12"),
    ]
    assert cash(entries) == {"USD": Decimal(2003)}
    found = {
        method: (
            realized_gains(entries, method).items[0].cost,
            realized_gains(entries, method).items[0].realized_pnl,
            holdings(entries, method)[0].cost_basis,
        )
        for method in METHODS
    }
    assert found == {
        "fifo": exactly(1272, 396, 393),
        "lifo": exactly(1362, 306, 303),
        "hifo": exactly(1362, 306, 303),
        "average": exactly(1332, 336, 333),
    }
