"""Transactions of a portfolio over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Response
from fastapi.responses import StreamingResponse

from backend.core.conditional import IfMatch, etag_of
from backend.core.database import DbSession
from backend.core.openapi import problems
from backend.core.paging import Page, PagedRows
from backend.core.query_parameters import from_query
from backend.core.routing import Router
from backend.transactions import import_routes, report_routes
from backend.transactions.import_schemas import ImportReport
from backend.transactions.listing import TransactionListParameters, TransactionListRequest
from backend.transactions.market_schemas import PerformanceReport, ValuationReport
from backend.transactions.models import Transaction
from backend.transactions.report_schemas import (
    CashReport,
    HoldingsReport,
    LotsReport,
    RealizedGainsReport,
)
from backend.transactions.schemas import (
    TransactionChange,
    TransactionCreate,
    TransactionHistory,
    TransactionRead,
)
from backend.transactions.services import reading, writing
from backend.user_sessions.dependencies import CurrentUser

router = Router(tags=["transactions"])

_PORTFOLIO = "/{portfolio_id:uuid}"
_ROWS = _PORTFOLIO + "/transactions"
_ROW = _ROWS + "/{transaction_id:uuid}"


@router.post(
    _ROWS,
    response_model=TransactionRead,
    status_code=201,
    responses={200: {"model": TransactionRead, "description": "It was there already."}},
)
def create_transaction(
    portfolio_id: UUID, data: TransactionCreate, db: DbSession, user: CurrentUser
) -> Transaction | Response:
    """Add a transaction; the same `external_id` and content again gives the one that is there."""
    added = writing.create(db, user.id, portfolio_id, data)
    if added.is_new:
        return added.row
    body = TransactionRead.model_validate(added.row).model_dump_json()
    return Response(body, media_type="application/json", headers={"ETag": etag_of(added.row)})


@router.get(_ROWS, response_model=Page[TransactionRead])
def list_transactions(
    portfolio_id: UUID,
    wanted: Annotated[TransactionListRequest, from_query(TransactionListParameters())],
    db: DbSession,
    user: CurrentUser,
) -> PagedRows[Transaction]:
    """List a portfolio's transactions, in the order of their creation or as `sort` says."""
    return reading.browse(db, user.id, portfolio_id, wanted)


@router.get(_ROW, response_model=TransactionRead)
def read_transaction(
    portfolio_id: UUID,
    transaction_id: UUID,
    db: DbSession,
    user: CurrentUser,
    *,
    include_voided: bool = False,
) -> Transaction:
    """Read a transaction; one that is void only with `include_voided`."""
    return reading.get(db, user.id, portfolio_id, transaction_id, include_voided=include_voided)


@router.patch(_ROW, response_model=TransactionRead)
def change_transaction(
    *,
    portfolio_id: UUID,
    transaction_id: UUID,
    data: TransactionChange,
    db: DbSession,
    user: CurrentUser,
    if_match: IfMatch = None,
) -> Transaction:
    """Void a transaction and answer the new one that replaces it, with the changes."""
    return writing.change(db, user.id, portfolio_id, transaction_id, data, if_match=if_match)


@router.delete(_ROW, status_code=204)
def remove_transaction(
    *,
    portfolio_id: UUID,
    transaction_id: UUID,
    db: DbSession,
    user: CurrentUser,
    if_match: IfMatch = None,
) -> None:
    """Void a transaction: it counts no more, and stays in its history."""
    writing.remove(db, user.id, portfolio_id, transaction_id, if_match=if_match)


@router.get(_ROW + "/history", response_model=TransactionHistory)
def read_history(
    portfolio_id: UUID, transaction_id: UUID, db: DbSession, user: CurrentUser
) -> dict[str, list[Transaction]]:
    """Read a transaction and those it was before and after, the first one first."""
    return {"items": reading.history(db, user.id, portfolio_id, transaction_id)}


router.get(_PORTFOLIO + "/holdings", response_model=HoldingsReport)(report_routes.read_holdings)
router.get(_PORTFOLIO + "/lots", response_model=LotsReport)(report_routes.read_lots)
router.get(_PORTFOLIO + "/realized-gains", response_model=RealizedGainsReport)(
    report_routes.read_realized_gains
)
router.get(_PORTFOLIO + "/cash", response_model=CashReport)(report_routes.read_cash)
router.post(_PORTFOLIO + "/valuation", response_model=ValuationReport)(
    report_routes.value_portfolio
)
router.post(_PORTFOLIO + "/performance", response_model=PerformanceReport)(
    report_routes.measure_performance
)
router.post(
    _ROWS + "/import",
    response_model=ImportReport,
    responses=problems(413, 415),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                media_type: {"schema": {"type": "string", "format": "binary"}}
                for media_type in ("text/csv", "application/octet-stream")
            },
        }
    },
)(import_routes.import_transactions)
router.delete(_PORTFOLIO + "/imports/{import_id:uuid}", status_code=204)(import_routes.undo_import)
router.get(
    _ROWS + "/export",
    response_class=StreamingResponse,
    response_model=None,
    responses={200: {"content": {"text/csv": {}, "application/json": {}}}},
)(import_routes.export_transactions)
