"""What reports about a portfolio answer. Numbers are exact: a quotient has 50 digits."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import PlainSerializer, WithJsonSchema

from backend.core.schemas import ResponseSchema
from backend.ledger.exact import EXACT
from backend.transactions.models import TransactionType


def number_text(value: Decimal) -> str:
    """A number as reports write it: all its digits, and no zeros behind them."""
    return f"{value.normalize(EXACT):f}" if value else "0"


Number = Annotated[
    Decimal,
    PlainSerializer(number_text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}),
]
MethodName = Literal["fifo", "lifo", "hifo", "average"]


class HoldingRead(ResponseSchema):
    """A position in one symbol and currency; quantity and costs are negative if it is short."""

    symbol: str
    currency: str
    quantity: Number
    cost_basis: Number
    average_cost: Number | None
    cost_basis_gross: Number
    average_cost_gross: Number | None
    fees: Number
    taxes: Number
    multiplier: Number
    opened_on: date | None


class HoldingsReport(ResponseSchema):
    """What is held at the end of a day, or after the last transaction."""

    items: Sequence[HoldingRead]
    as_of: date | None
    method: MethodName


class LotRead(ResponseSchema):
    """What is left of one opening; `opened_by` is the id of its transaction."""

    symbol: str
    currency: str
    quantity: Number
    cost_basis: Number
    unit_cost: Number
    cost_basis_gross: Number
    opened_on: date
    opened_by: UUID


class LotsReport(ResponseSchema):
    """The open lots, oldest first within a symbol."""

    items: Sequence[LotRead]
    as_of: date | None
    method: MethodName


class ClosedRead(ResponseSchema):
    """Units that were closed: what they cost and brought; `…_gross` without fees and taxes."""

    quantity: Number
    cost: Number
    proceeds: Number
    realized_pnl: Number
    cost_gross: Number
    proceeds_gross: Number
    realized_pnl_gross: Number


class MatchedLotRead(ClosedRead):
    """A closing's share of one lot."""

    opened_on: date
    opened_by: UUID
    holding_days: int


class RealizedGainRead(ClosedRead):
    """What one transaction realized, and the lots that it took."""

    id: UUID
    type: TransactionType
    symbol: str
    currency: str
    date: date
    fee: Number
    tax: Number
    lots: Sequence[MatchedLotRead]


class TransferredOutRead(ResponseSchema):
    """Units that left with their basis and without a gain."""

    id: UUID
    symbol: str
    currency: str
    date: date
    quantity: Number
    cost_basis: Number
    cost_basis_gross: Number
    lots: Sequence[MatchedLotRead]


class GainTotalsRead(ResponseSchema):
    """Totals of one currency."""

    currency: str
    realized_pnl: Number
    realized_pnl_gross: Number
    fees: Number
    taxes: Number
    dividends: Number
    dividends_gross: Number
    interest: Number


class RealizedGainsReport(ResponseSchema):
    """What was realized in a time.

    Totals stand by currency; those beside the items are null where there are several: amounts
    of different currencies are not added.
    """

    items: Sequence[RealizedGainRead]
    transfers_out: Sequence[TransferredOutRead]
    by_currency: Sequence[GainTotalsRead]
    currency: str | None
    realized_pnl: Number | None
    realized_pnl_gross: Number | None
    fees: Number | None
    taxes: Number | None
    dividends: Number | None
    dividends_gross: Number | None
    interest: Number | None
    method: MethodName


class CashRead(ResponseSchema):
    """The cash of one currency."""

    currency: str
    amount: Number


class CashReport(ResponseSchema):
    """The cash of each currency at the end of a day, or after the last transaction."""

    items: Sequence[CashRead]
    as_of: date | None
