"""Times the ledger beside a bare FIFO loop over the same entries: python -m benchmarks.ledger.

CPU time of this process, the least of several rounds in which all take turns, so that other
work on the machine is least in it.
"""

import argparse
import random
import sys
import time
from collections import deque
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import get_args
from uuid import UUID

from backend.ledger.cash import cash
from backend.ledger.entries import Entry
from backend.ledger.gains import realized_gains
from backend.ledger.holdings import holdings
from backend.ledger.methods import Method
from backend.ledger.replay import first_oversell

ZERO = Decimal(0)
NEAR = Decimal("1e-15")


def random_entries(number: int, symbols: int) -> list[Entry]:
    """Purchases and sales in equal parts, in replay order, with fees, none an oversell."""
    chance = random.Random(7)  # noqa: S311  # nothing secret: the same rows in every run
    held: dict[str, Decimal] = {}
    entries = []
    for place in range(number):
        symbol = f"S{chance.randrange(symbols)}"
        quantity = Decimal(chance.randrange(1, 10_000)).scaleb(-2)
        there = held.get(symbol, ZERO)
        sold = chance.random() < 1 / 2 and there >= quantity
        held[symbol] = there - quantity if sold else there + quantity
        entries.append(
            Entry(
                id=UUID(int=place),
                type="sell" if sold else "buy",
                trade_date=date(2000, 1, 1) + timedelta(days=place // 20),
                currency="USD",
                symbol=symbol,
                quantity=quantity,
                price=Decimal(chance.randrange(100, 50_000)).scaleb(-2),
                fee=Decimal(chance.randrange(500)).scaleb(-2),
            )
        )
    return entries


def bare_fifo(entries: list[Entry]) -> dict[str, tuple[Decimal, Decimal]]:
    """Quantity and cost by symbol: no order, no splits, no shorts, no gross, no oversell."""
    book: dict[str, deque[list[Decimal]]] = {}
    for entry in entries:
        symbol, quantity, price = entry.symbol or "", entry.quantity or ZERO, entry.price or ZERO
        lots = book.get(symbol)
        if lots is None:
            lots = book[symbol] = deque()
        if entry.type == "buy":
            lots.append([quantity, quantity * price + entry.fee + entry.tax])
            continue
        while quantity:
            lot = lots[0]
            if lot[0] <= quantity:
                quantity -= lot[0]
                lots.popleft()
            else:
                part = lot[1] * quantity / lot[0]
                lot[0] -= quantity
                lot[1] -= part
                break
    return {
        symbol: (sum((lot[0] for lot in lots), ZERO), sum((lot[1] for lot in lots), ZERO))
        for symbol, lots in book.items()
    }


def check(entries: list[Entry]) -> None:
    """Raise unless the ledger finds what the bare loop finds, within its 28 digits."""
    expected = bare_fifo(entries)
    for held in holdings(entries, include_closed=True):
        quantity, cost = expected[held.symbol]
        if held.quantity != quantity or abs(held.cost_basis - cost) > NEAR:
            raise AssertionError(f"{held} is not {quantity}, {cost}")


def seconds_of(runs: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The least CPU seconds of each, all taking turns."""
    least = dict.fromkeys(runs, float("inf"))
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.process_time()
            run()
            least[name] = min(least[name], time.process_time() - start)
    return least


def main() -> None:
    """Print what each report costs, also as a multiple of the bare loop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--symbols", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    entries = random_entries(options.entries, options.symbols)
    check(entries)
    runs: dict[str, Callable[[], object]] = {"bare FIFO loop": partial(bare_fifo, entries)}
    for method in get_args(Method):
        runs[f"holdings, {method}"] = partial(holdings, entries, method)
    runs["first_oversell"] = partial(first_oversell, entries)
    runs["realized_gains, fifo"] = partial(realized_gains, entries)
    runs["cash"] = partial(cash, entries)
    found = seconds_of(runs, options.rounds)
    bare = found["bare FIFO loop"]
    lines = [f"{options.entries:,} entries, {options.symbols} symbols"]
    lines += [f"{name:22} {took:7.3f} s {took / bare:6.2f}" for name, took in found.items()]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
