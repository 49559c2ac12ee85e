"""What a portfolio's transactions make: holdings, lots, gains, cash, value, performance."""

from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from backend.ledger import cash as cash_report
from backend.ledger import gains, holdings, performance, valuation
from backend.ledger.market import Price, Rate, Rates
from backend.ledger.methods import Method
from backend.portfolios import services as portfolios
from backend.transactions.market_schemas import (
    DatedRates,
    PerformanceReport,
    PerformanceRequest,
    ValuationReport,
    ValuationRequest,
    ValuedHoldingRead,
)
from backend.transactions.report_schemas import (
    CashRead,
    CashReport,
    GainTotalsRead,
    HoldingsReport,
    LotsReport,
    RealizedGainsReport,
)
from backend.transactions.services.content import entries
from backend.transactions.services.positions import SHORTS, positions

_TOTALS = tuple(name for name in GainTotalsRead.model_fields if name != "currency")


def list_holdings(
    db: Session,
    owner_id: UUID,
    portfolio_id: UUID,
    *,
    method: Method | None,
    as_of: date | None,
    include_closed: bool,
) -> HoldingsReport:
    """What is held at the end of a day, or after the last transaction.

    Raises:
        NotFound: the owner has no such portfolio.
    """
    chosen = _method(db, owner_id, portfolio_id, method)
    there = positions(db, owner_id, portfolio_id, chosen, up_to=as_of, with_ids=False)
    found = holdings.holdings_of(there, include_closed=include_closed)
    return HoldingsReport.model_validate({"items": found, "as_of": as_of, "method": chosen})


def list_lots(
    db: Session,
    owner_id: UUID,
    portfolio_id: UUID,
    *,
    symbol: str | None,
    method: Method | None,
    as_of: date | None,
) -> LotsReport:
    """The open lots at the end of a day, or after the last transaction.

    Raises:
        NotFound: the owner has no such portfolio.
    """
    chosen = _method(db, owner_id, portfolio_id, method)
    if symbol is None:
        there = positions(db, owner_id, portfolio_id, chosen, up_to=as_of, with_ids=True)
        found = holdings.open_lots_of(there)
    else:
        found = holdings.open_lots(
            entries(db, owner_id, portfolio_id, symbol=symbol, up_to=as_of),
            chosen,
            allow_short=SHORTS,
        )
    return LotsReport.model_validate({"items": found, "as_of": as_of, "method": chosen})


def list_realized_gains(
    db: Session,
    owner_id: UUID,
    portfolio_id: UUID,
    *,
    method: Method | None,
    start: date | None,
    end: date | None,
) -> RealizedGainsReport:
    """What was realized from `start` to `end`, both inclusive.

    Raises:
        NotFound: the owner has no such portfolio.
    """
    chosen = _method(db, owner_id, portfolio_id, method)
    found = gains.realized_gains(
        entries(db, owner_id, portfolio_id, up_to=end),
        chosen,
        allow_short=SHORTS,
        start=start,
        end=end,
    )
    beside: dict[str, Any] = dict.fromkeys(("currency", *_TOTALS))
    if len(found.totals) <= 1:
        total = found.totals[0] if found.totals else gains.GainTotals("")
        beside = {name: getattr(total, name) for name in _TOTALS}
        beside["currency"] = total.currency or None
    return RealizedGainsReport.model_validate(
        {
            "items": found.items,
            "transfers_out": found.transfers_out,
            "by_currency": found.totals,
            "method": chosen,
            **beside,
        }
    )


def list_cash(db: Session, owner_id: UUID, portfolio_id: UUID, *, as_of: date | None) -> CashReport:
    """The cash of each currency at the end of a day, or after the last transaction.

    Raises:
        NotFound: the owner has no such portfolio.
    """
    portfolios.get(db, owner_id, portfolio_id)
    found = cash_report.cash(entries(db, owner_id, portfolio_id, up_to=as_of, with_ids=False))
    items = [CashRead(currency=currency, amount=amount) for currency, amount in found.items()]
    return CashReport(items=items, as_of=as_of)


def value(
    db: Session, owner_id: UUID, portfolio_id: UUID, asked: ValuationRequest
) -> ValuationReport:
    """What the portfolio is worth at the end of a day, at the prices of that day.

    Raises:
        NotFound: the owner has no such portfolio.
    """
    portfolio = portfolios.get(db, owner_id, portfolio_id)
    base = asked.base_currency or portfolio.base_currency
    method: Method = asked.method or portfolio.cost_basis_method
    found = valuation.valuation(
        entries(db, owner_id, portfolio_id, up_to=asked.as_of),
        asked.prices,
        _rates(asked.fx, base),
        base_currency=base,
        as_of=asked.as_of,
        method=method,
        allow_short=SHORTS,
    )
    items = [
        ValuedHoldingRead.model_validate({**_fields(one.holding), **_fields(one)})
        for one in found.holdings
    ]
    return ValuationReport.model_validate({**_fields(found), "items": items, "method": method})


def measure(
    db: Session, owner_id: UUID, portfolio_id: UUID, asked: PerformanceRequest
) -> PerformanceReport:
    """How the portfolio did from the start of one day to the end of another.

    Raises:
        NotFound: the owner has no such portfolio.
    """
    portfolio = portfolios.get(db, owner_id, portfolio_id)
    base = asked.base_currency or portfolio.base_currency
    method: Method = asked.method or portfolio.cost_basis_method
    prices = [
        Price(day, symbol, price)
        for symbol, by_day in asked.prices.items()
        for day, price in by_day.items()
    ]
    found = performance.performance(
        entries(db, owner_id, portfolio_id, up_to=asked.end),
        prices,
        _rates(asked.fx, base),
        start=asked.start,
        end=asked.end,
        base_currency=base,
        method=method,
        allow_short=SHORTS,
    )
    return PerformanceReport.model_validate(
        {**_fields(found), "items": found.days, "method": method}
    )


def _method(db: Session, owner_id: UUID, portfolio_id: UUID, asked: Method | None) -> Method:
    portfolio = portfolios.get(db, owner_id, portfolio_id)
    return asked or portfolio.cost_basis_method


def _rates(given: DatedRates, base_currency: str) -> Rates:
    return Rates(
        Rate(day, currency, base_currency, rate)
        for currency, by_day in given.items()
        for day, rate in by_day.items()
    )


def _fields(report: Any) -> dict[str, Any]:  # Any: of any dataclass
    return {field.name: getattr(report, field.name) for field in fields(report)}
