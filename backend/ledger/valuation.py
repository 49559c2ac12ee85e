"""Report of what a portfolio is worth at given prices and exchange rates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from backend.ledger.cash import cash
from backend.ledger.entries import Entry
from backend.ledger.exact import EXACT, ZERO
from backend.ledger.holdings import Holding, holdings
from backend.ledger.market import MissingPrice, MissingRate, Rates, in_currency
from backend.ledger.methods import Method


@dataclass(frozen=True, slots=True)
class ValuedHolding:
    """A holding at a price; what a missing price or rate leaves unknown is None.

    `market_value` is quantity x price x multiplier in its currency, `unrealized_pnl` that less
    `cost_basis`. `base` figures are in the base currency: value at the rate of the day, cost at
    the rate of each entry's own day, so that their difference has the currency's effect inside.
    """

    holding: Holding
    price: Decimal | None
    market_value: Decimal | None
    unrealized_pnl: Decimal | None
    unrealized_pnl_gross: Decimal | None
    market_value_base: Decimal | None
    cost_basis_base: Decimal | None
    cost_basis_gross_base: Decimal | None
    fees_base: Decimal | None


@dataclass(frozen=True, slots=True)
class ValuedCash:
    """The cash of one currency; `amount_base` is None if the rate is missing."""

    currency: str
    amount: Decimal
    amount_base: Decimal | None


@dataclass(frozen=True, slots=True)
class CurrencyTotal:
    """The holdings of one currency together, in it; None if a price is missing."""

    currency: str
    cost_basis: Decimal
    market_value: Decimal | None
    unrealized_pnl: Decimal | None


@dataclass(frozen=True, slots=True)
class Valuation:
    """What a portfolio is worth at the end of a day.

    `market_value` (of holdings), `cash_value` and `total_value` are in the base currency, and
    None if something they need is missing: what that is stands in `missing_prices` and
    `missing_rates`. `missing_cost_rates` are those that only the costs in the base currency
    lack.
    """

    as_of: date
    base_currency: str
    holdings: tuple[ValuedHolding, ...]
    cash: tuple[ValuedCash, ...]
    by_currency: tuple[CurrencyTotal, ...]
    market_value: Decimal | None
    cash_value: Decimal | None
    total_value: Decimal | None
    missing_prices: tuple[MissingPrice, ...]
    missing_rates: tuple[MissingRate, ...]
    missing_cost_rates: tuple[MissingRate, ...]


def valuation(
    entries: Iterable[Entry],
    prices: Mapping[str, Decimal],
    rates: Rates,
    *,
    base_currency: str,
    as_of: date,
    method: Method = "fifo",
    allow_short: bool = False,
) -> Valuation:
    """What is held at the end of a day is worth, at the prices of that day by symbol.

    Prices are unadjusted: they are of units as they are counted on that day. Entries come in
    replay order. A missing price or rate is reported and never guessed.

    Raises:
        Oversell: more units leave than there are.
        UnusableEntry: an entry lacks what its type needs.
    """
    rows = [entry for entry in entries if entry.trade_date <= as_of]
    held = holdings(rows, method, allow_short=allow_short)
    balances = cash(rows)
    used = {holding.currency for holding in held}
    used.update(currency for currency, amount in balances.items() if amount)
    day_rates = {currency: rates.at(currency, base_currency, as_of) for currency in used}
    costs, missing_costs = _costs_in_base(
        rows, held, base_currency, rates, method=method, allow_short=allow_short
    )
    with localcontext(EXACT):
        valued = tuple(
            _valued(
                holding,
                prices.get(holding.symbol),
                day_rates[holding.currency],
                costs.get((holding.symbol, holding.currency)),
            )
            for holding in held
        )
        money = tuple(
            ValuedCash(
                currency, amount, _times(amount, day_rates.get(currency) if amount else ZERO)
            )
            for currency, amount in balances.items()
        )
        market_value = _total(one.market_value_base for one in valued)
        cash_value = _total(one.amount_base for one in money)
        return Valuation(
            as_of=as_of,
            base_currency=base_currency,
            holdings=valued,
            cash=money,
            by_currency=_by_currency(valued),
            market_value=market_value,
            cash_value=cash_value,
            total_value=_total((market_value, cash_value)),
            missing_prices=tuple(
                MissingPrice(symbol, as_of)
                for symbol in sorted({one.holding.symbol for one in valued if one.price is None})
            ),
            missing_rates=tuple(
                MissingRate(currency, base_currency, as_of)
                for currency in sorted(day_rates)
                if day_rates[currency] is None
            ),
            missing_cost_rates=missing_costs,
        )


def _costs_in_base(
    rows: list[Entry],
    held: list[Holding],
    base_currency: str,
    rates: Rates,
    *,
    method: Method,
    allow_short: bool,
) -> tuple[dict[tuple[str, str], Holding], tuple[MissingRate, ...]]:
    """The holdings in the base currency, by symbol and original currency, where rates are known.

    Each currency by itself: the lots of one symbol in two currencies must not become one.
    """
    found: dict[tuple[str, str], Holding] = {}
    missing: list[MissingRate] = []
    for currency in sorted({holding.currency for holding in held}):
        symbols = {holding.symbol for holding in held if holding.currency == currency}
        own = [
            entry
            for entry in rows
            if entry.symbol in symbols and (entry.currency == currency or entry.type == "split")
        ]
        converted, lacking = in_currency(own, base_currency, rates)
        missing.extend(lacking)
        incomplete = {lack.date for lack in lacking}
        whole = symbols - {entry.symbol for entry in own if entry.trade_date in incomplete}
        for holding in holdings(
            (entry for entry in converted if entry.symbol in whole), method, allow_short=allow_short
        ):
            found[holding.symbol, currency] = holding
    return found, tuple(missing)


def _valued(
    holding: Holding, price: Decimal | None, rate: Decimal | None, in_base: Holding | None
) -> ValuedHolding:
    value = None if price is None else holding.quantity * price * holding.multiplier
    return ValuedHolding(
        holding=holding,
        price=price,
        market_value=value,
        unrealized_pnl=None if value is None else value - holding.cost_basis,
        unrealized_pnl_gross=None if value is None else value - holding.cost_basis_gross,
        market_value_base=None if value is None else _times(value, rate),
        cost_basis_base=None if in_base is None else in_base.cost_basis,
        cost_basis_gross_base=None if in_base is None else in_base.cost_basis_gross,
        fees_base=None if in_base is None else in_base.fees,
    )


def _by_currency(valued: tuple[ValuedHolding, ...]) -> tuple[CurrencyTotal, ...]:
    found = []
    for currency in sorted({one.holding.currency for one in valued}):
        own = [one for one in valued if one.holding.currency == currency]
        cost = sum((one.holding.cost_basis for one in own), ZERO)
        value = _total(one.market_value for one in own)
        found.append(CurrencyTotal(currency, cost, value, None if value is None else value - cost))
    return tuple(found)


def _times(amount: Decimal, rate: Decimal | None) -> Decimal | None:
    return None if rate is None else amount * rate


def _total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    total = ZERO
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total
