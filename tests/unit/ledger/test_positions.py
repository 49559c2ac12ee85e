"""Lots by each method, fees, short positions, splits, returns of capital, transfers."""

from decimal import Decimal, localcontext

import pytest

from backend.ledger.cash import cash
from backend.ledger.entries import Entry
from backend.ledger.exact import EXACT
from backend.ledger.gains import realized_gains
from backend.ledger.holdings import holdings, open_lots
from backend.ledger.methods import Method
from backend.ledger.replay import Oversell, replay
from tests.unit.ledger.portfolios import FIRST_DAY, METHODS, entry, exactly

every_method = pytest.mark.parametrize("method", METHODS)


def quantity_of(entries: list[Entry], method: Method = "fifo") -> Decimal:
    (held,) = holdings(entries, method, allow_short=True, include_closed=True)
    return held.quantity


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


def test_splits_that_undo_each_other_leave_no_trace() -> None:
    """Also many of them: the scale of quantities is reduced as fractions are."""
    bought = entry("buy", quantity="1", price="1")
    there = entry("split", 1, ratio_numerator=7, ratio_denominator=3)
    back = entry("split", 1, ratio_numerator=3, ratio_denominator=7)
    assert quantity_of([bought, *[there, back] * 200]) == 1
    assert abs(quantity_of([bought, *[there] * 200, *[back] * 200]) - 1) < Decimal("1e-40")


@every_method
def test_matched_lots_are_counted_in_units_of_the_sale(method: Method) -> None:
    entries = [
        entry("buy", quantity="10", price="3"),
        entry("split", 1, ratio_numerator=2, ratio_denominator=3),
        entry("sell", 2, quantity="5", price="9"),
    ]
    (gain,) = realized_gains(entries, method).items
    assert [(lot.quantity, lot.cost) for lot in gain.lots] == [exactly(5, "22.5")]


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
