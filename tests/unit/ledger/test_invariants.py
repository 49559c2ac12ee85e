"""The invariants of portfolio accounting, of random portfolios."""

from datetime import timedelta
from decimal import Decimal, localcontext
from random import Random
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ledger.cash import cash
from backend.ledger.entries import Entry, moves_units, net_amount, transferred_basis
from backend.ledger.exact import EXACT, ZERO, quotient
from backend.ledger.gains import realized_gains
from backend.ledger.holdings import Holding, holdings, open_lots
from backend.ledger.methods import Method
from backend.ledger.ordering import in_replay_order
from tests.unit.ledger.portfolios import (
    FIRST_DAY,
    METHODS,
    SYMBOLS,
    entry,
    histories,
    methods,
    prices,
    quantities,
    trades,
)

few = settings(max_examples=40, deadline=None)

# Shares of lots are rounded to 50 digits, so sums of them over different cuts may differ there.
TINY: Final = Decimal("1e-30")


def by_symbol(entries: list[Entry], method: Method) -> dict[str, Holding]:
    return {held.symbol: held for held in holdings(entries, method, include_closed=True)}


def split_adjusted(entries: list[Entry], symbol: str) -> tuple[Decimal, Decimal]:
    """The signed sum of quantities, each times all later splits, as a fraction."""
    total, scale = ZERO, Decimal(1)
    for row in entries:
        if row.symbol != symbol or row.type in ("dividend", "return_of_capital"):
            continue
        if row.type == "split":
            total *= row.ratio_numerator or 0
            scale *= row.ratio_denominator or 0
        else:
            quantity = (row.quantity or ZERO) * scale
            total += quantity if row.type in ("buy", "transfer_in") else -quantity
    return total, scale


@few
@given(histories(), methods)
def test_lots_make_up_the_holding_and_both_the_entries(
    entries: list[Entry], method: Method
) -> None:
    held = by_symbol(entries, method)
    lots = open_lots(entries, method)
    with localcontext(EXACT):
        for symbol, holding in held.items():
            own = [lot for lot in lots if lot.symbol == symbol]
            assert abs(sum((lot.quantity for lot in own), ZERO) - holding.quantity) < TINY
            assert sum((lot.cost_basis for lot in own), ZERO) == holding.cost_basis
            total, scale = split_adjusted(entries, symbol)
            # What is over or left within rounding of 18 places closes exactly.
            assert abs(quotient(total, scale) - holding.quantity) <= Decimal("1e-12")


@few
@given(histories(), methods)
def test_basis_is_neither_lost_nor_made(entries: list[Entry], method: Method) -> None:
    """Basis left + basis removed = basis acquired, to the last digit."""
    gains = realized_gains(entries, method)
    with localcontext(EXACT):
        acquired = returned = ZERO
        for row in entries:
            if row.type == "buy":
                acquired -= net_amount(row)
            elif row.type == "transfer_in":
                acquired += transferred_basis(row)[0]
            elif row.type == "return_of_capital":
                returned += net_amount(row)
        sales = [gain for gain in gains.items if gain.lots]
        beyond = sum((gain.proceeds for gain in gains.items if not gain.lots), ZERO)
        removed = sum((gain.cost for gain in sales), ZERO) + returned - beyond
        removed += sum((out.cost_basis for out in gains.transfers_out), ZERO)
        left = sum((held.cost_basis for held in holdings(entries, method)), ZERO)
        assert left + removed == acquired
        for gain in sales:
            assert sum((lot.cost for lot in gain.lots), ZERO) == gain.cost
            assert sum((lot.proceeds for lot in gain.lots), ZERO) == gain.proceeds


def identity(
    entries: list[Entry], method: Method, quotes: dict[str, Decimal], *, allow_short: bool = False
) -> Decimal:
    """Value less what was brought, less what was gained: zero."""
    gains = realized_gains(entries, method, allow_short=allow_short)
    with localcontext(EXACT):
        value = sum(cash(entries).values(), ZERO)
        unrealized = ZERO
        for held in holdings(entries, method, allow_short=allow_short):
            worth = held.quantity * quotes[held.symbol]
            value += worth
            unrealized += worth - held.cost_basis
        brought = alone = ZERO
        for row in entries:
            if row.type in ("deposit", "withdrawal"):
                brought += net_amount(row)
            elif row.type in ("fee", "tax"):
                alone -= net_amount(row)
            elif row.type == "transfer_in":
                brought += transferred_basis(row)[0] - row.fee - row.tax
            elif row.type == "transfer_out":
                alone += row.fee + row.tax
        brought -= sum((out.cost_basis for out in gains.transfers_out), ZERO)
        gained = unrealized - alone
        for total in gains.totals:
            gained += total.realized_pnl + total.dividends + total.interest
        return value - brought - gained


@few
@given(histories(), prices, prices)
def test_gains_explain_the_value_under_every_method(
    entries: list[Entry], first: Decimal, second: Decimal
) -> None:
    quotes = dict(zip(SYMBOLS, (first, second), strict=True))
    for method in METHODS:
        assert identity(entries, method, quotes) == 0


@few
@given(st.lists(trades(), min_size=1, max_size=12), prices, prices)
def test_short_positions_keep_the_same_books(
    entries: list[Entry], first: Decimal, second: Decimal
) -> None:
    quotes = dict(zip(SYMBOLS, (first, second), strict=True))
    for method in METHODS:
        assert identity(entries, method, quotes, allow_short=True) == 0
        lots = open_lots(entries, method, allow_short=True)
        for held in holdings(entries, method, allow_short=True):
            own = [lot for lot in lots if lot.symbol == held.symbol]
            total, scale = split_adjusted(entries, held.symbol)
            with localcontext(EXACT):
                assert sum((lot.cost_basis for lot in own), ZERO) == held.cost_basis
                assert abs(quotient(total, scale) - held.quantity) <= Decimal("1e-12") * len(
                    entries
                )
                assert all((lot.quantity > 0) == (held.quantity > 0) for lot in own)


@few
@given(histories(types=("buy", "buy", "sell", "split")), methods)
def test_a_flat_portfolio_has_realized_the_same_under_every_method(
    entries: list[Entry], method: Method
) -> None:
    closing = [
        entry("sell", 100, symbol=held.symbol, quantity=held.quantity, price="10")
        for held in holdings(entries, method)
    ]
    flat = [*entries, *closing]
    assert holdings(flat, method) == []
    assert open_lots(flat, method) == []
    with localcontext(EXACT):
        found = {
            sum((total.realized_pnl for total in realized_gains(flat, one).totals), ZERO)
            for one in METHODS
        }
        assert len(found) == 1


@few
@given(histories())
def test_cash_is_the_sum_of_net_amounts(entries: list[Entry]) -> None:
    with localcontext(EXACT):
        assert sum(cash(entries).values(), ZERO) == sum(map(net_amount, entries), ZERO)
        charged = sum((row.fee + row.tax for row in entries if moves_units(row)), ZERO)
        rest = sum((net_amount(row) for row in entries if not moves_units(row)), ZERO)
        assert sum(cash(entries).values(), ZERO) == rest - charged


@few
@given(histories(), methods, st.randoms(use_true_random=False))
def test_the_order_of_insertion_does_not_matter(
    entries: list[Entry], method: Method, random: Random
) -> None:
    numbered = [row._replace(sequence=number) for number, row in enumerate(entries)]
    shuffled = list(numbered)
    random.shuffle(shuffled)
    assert in_replay_order(shuffled) == numbered
    assert realized_gains(in_replay_order(shuffled), method) == realized_gains(numbered, method)


@few
@given(quantities, prices, st.integers(1, 9), st.integers(1, 9), methods)
def test_a_split_changes_nothing_but_quantities(
    quantity: Decimal, price: Decimal, a: int, b: int, method: Method
) -> None:
    bought = entry("buy", quantity=quantity, price=price)
    there = entry("split", 1, ratio_numerator=a, ratio_denominator=b)
    back = entry("split", 2, ratio_numerator=b, ratio_denominator=a)
    (before,) = holdings([bought], method)
    (during,) = holdings([bought, there], method)
    (after,) = holdings([bought, there, back], method)
    assert after == before
    assert during.cost_basis == before.cost_basis
    with localcontext(EXACT):
        assert during.quantity == quotient(quantity * a, Decimal(b))
        assert during.average_cost == quotient(price * b, Decimal(a))


@few
@given(histories(types=("buy", "buy", "split")), methods, quantities, prices)
def test_a_sale_may_be_cut_in_two(
    entries: list[Entry], method: Method, part: Decimal, price: Decimal
) -> None:
    held = [one for one in holdings(entries, method) if one.quantity > part]
    for one in held:
        whole = entry("sell", 99, symbol=one.symbol, quantity=one.quantity / 2 + part / 2)
        whole = whole._replace(price=price)
        assert whole.quantity is not None
        rest = whole.quantity - part
        if rest <= 0:
            continue
        pieces = [whole._replace(quantity=part), whole._replace(quantity=rest)]
        once, twice = [*entries, whole], [*entries, *pieces]
        assert open_lots(once, method) == open_lots(twice, method)
        with localcontext(EXACT):
            cut = realized_gains(twice, method).totals
            for total, cut_total in zip(realized_gains(once, method).totals, cut, strict=True):
                assert abs(total.realized_pnl - cut_total.realized_pnl) == 0


@few
@given(histories(types=("buy", "buy", "sell", "split")), quantities, quantities, prices)
def test_a_purchase_may_be_cut_in_two_under_average(
    entries: list[Entry], first: Decimal, second: Decimal, price: Decimal
) -> None:
    whole = entry("buy", 98, quantity=first + second, price=price)
    pieces = [whole._replace(quantity=first), whole._replace(quantity=second)]
    sold = entry("sell", 99, quantity=first, price="10")
    once, twice = [*entries, whole, sold], [*entries, *pieces, sold]
    assert open_lots(once, "average") == open_lots(twice, "average")
    assert realized_gains(once, "average") == realized_gains(twice, "average")


@few
@given(histories(), methods, st.sampled_from(("0.5", "3", "1000")))
def test_everything_scales_with_prices(entries: list[Entry], method: Method, factor: str) -> None:
    k = Decimal(factor)

    def times(row: Entry) -> Entry:
        return row._replace(
            price=None if row.price is None else row.price * k,
            net_amount=None if row.net_amount is None else row.net_amount * k,
            fee=row.fee * k,
            tax=row.tax * k,
        )

    scaled = [times(row) for row in entries]
    with localcontext(EXACT):
        for one, other in zip(holdings(entries, method), holdings(scaled, method), strict=True):
            assert one.quantity == other.quantity
            assert abs(one.cost_basis * k - other.cost_basis) < TINY
        assert {code: amount * k for code, amount in cash(entries).items()} == cash(scaled)
        gains = realized_gains(entries, method).totals, realized_gains(scaled, method).totals
        for total, scaled_total in zip(*gains, strict=True):
            assert abs(total.realized_pnl * k - scaled_total.realized_pnl) < TINY


@few
@given(histories(), methods, st.integers(0, 40))
def test_as_of_ignores_what_comes_later(entries: list[Entry], method: Method, days: int) -> None:
    day = FIRST_DAY + timedelta(days=days)
    until = [row for row in entries if row.trade_date <= day]
    assert holdings(entries, method, as_of=day) == holdings(until, method)
    assert cash(entries, as_of=day) == cash(until)
    assert open_lots(entries, method, as_of=day) == open_lots(until, method)
    assert realized_gains(entries, method, end=day) == realized_gains(until, method)


@few
@given(histories(), methods)
def test_what_was_realized_stays(entries: list[Entry], method: Method) -> None:
    """No later entry changes a gain, and the report of a part is that part of the report."""
    all_gains = realized_gains(entries, method).items
    for number in range(len(entries)):
        gains = realized_gains(entries[:number], method).items
        assert gains == all_gains[: len(gains)]
    start = FIRST_DAY + timedelta(days=5)
    found = realized_gains(entries, method, start=start).items
    assert found == tuple(gain for gain in all_gains if gain.date >= start)


@few
@given(st.lists(st.tuples(quantities, prices), min_size=1, max_size=8), st.integers(1, 99))
def test_costs_of_a_single_sale(bought: list[tuple[Decimal, Decimal]], percent: int) -> None:
    entries = [
        entry("buy", day, quantity=quantity, price=price)
        for day, (quantity, price) in enumerate(bought)
    ]
    (average,) = holdings(entries, "average")
    assert average.average_cost is not None
    unit_costs = [price for _, price in bought]
    assert min(unit_costs) - TINY <= average.average_cost <= max(unit_costs) + TINY
    sold = entry("sell", 99, quantity=average.quantity * percent / 100, price="1")
    removed = {method: realized_gains([*entries, sold], method).items[0].cost for method in METHODS}
    assert all(cost <= average.cost_basis for cost in removed.values())
    assert removed["hifo"] >= max(removed.values()) - TINY
