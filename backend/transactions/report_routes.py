"""Reports about a portfolio over HTTP; `backend.transactions.routes` has their paths."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from backend.core.database import DbSession
from backend.core.errors import Unprocessable
from backend.core.schemas import CalendarDay
from backend.transactions.market_schemas import (
    Method,
    PerformanceReport,
    PerformanceRequest,
    ValuationReport,
    ValuationRequest,
)
from backend.transactions.report_schemas import (
    CashReport,
    HoldingsReport,
    LotsReport,
    RealizedGainsReport,
)
from backend.transactions.schemas import Symbol
from backend.transactions.services import reports
from backend.user_sessions.dependencies import CurrentUser

MethodParameter = Annotated[
    Method | None, Query(description="Another cost-basis method than the portfolio's own.")
]
AsOf = Annotated[
    CalendarDay | None, Query(description="The end of this day; else after the last transaction.")
]


def read_holdings(
    *,
    portfolio_id: UUID,
    db: DbSession,
    user: CurrentUser,
    as_of: AsOf = None,
    method: MethodParameter = None,
    include_closed: bool = False,
) -> HoldingsReport:
    """Read what is held, by symbol and currency."""
    return reports.list_holdings(
        db, user.id, portfolio_id, method=method, as_of=as_of, include_closed=include_closed
    )


def read_lots(
    *,
    portfolio_id: UUID,
    db: DbSession,
    user: CurrentUser,
    symbol: Annotated[Symbol | None, Query(description="Of this symbol alone.")] = None,
    as_of: AsOf = None,
    method: MethodParameter = None,
) -> LotsReport:
    """Read the open lots."""
    return reports.list_lots(db, user.id, portfolio_id, symbol=symbol, method=method, as_of=as_of)


def read_realized_gains(
    *,
    portfolio_id: UUID,
    db: DbSession,
    user: CurrentUser,
    start: Annotated[CalendarDay | None, Query(alias="from", description="The first day.")] = None,
    end: Annotated[CalendarDay | None, Query(alias="to", description="The last day.")] = None,
    method: MethodParameter = None,
) -> RealizedGainsReport:
    """Read what was realized, each sale with the lots that it took."""
    if start is not None and end is not None and end < start:
        raise Unprocessable("query/to", "It is before `from`.")
    return reports.list_realized_gains(
        db, user.id, portfolio_id, method=method, start=start, end=end
    )


def read_cash(
    portfolio_id: UUID, db: DbSession, user: CurrentUser, as_of: AsOf = None
) -> CashReport:
    """Read the cash of each currency."""
    return reports.list_cash(db, user.id, portfolio_id, as_of=as_of)


def value_portfolio(
    portfolio_id: UUID, data: ValuationRequest, db: DbSession, user: CurrentUser
) -> ValuationReport:
    """Value what is held at given prices and rates; what is missing is named, and not guessed."""
    return reports.value(db, user.id, portfolio_id, data)


def measure_performance(
    portfolio_id: UUID, data: PerformanceRequest, db: DbSession, user: CurrentUser
) -> PerformanceReport:
    """Measure returns at given prices and rates, by the convention that the answer names."""
    return reports.measure(db, user.id, portfolio_id, data)
