"""Bodies of requests and responses about transactions."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    MISSING,
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from backend.core.schemas import (
    ANY_CASE,
    CalendarDay,
    CurrencyCode,
    Exact,
    Instant,
    Int32,
    RequestSchema,
    ResponseSchema,
    VersionedRead,
)
from backend.transactions.models import TransactionType, VoidReason


def _with_its_places(value: Any, read: ValidatorFunctionWrapHandler) -> Decimal:
    # How exactly a price is written says how far an amount may be from what it makes.
    number: Decimal = read(value)
    return Decimal(value) if isinstance(value, str) else number


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("has characters that cannot be printed")
    return text


_DIGITS = r"^-?[0-9]{1,10}$"
_Digits = Annotated[str, Field(pattern=_DIGITS)]


def _of_digits(value: Any) -> Any:  # Any: not validated yet
    if isinstance(value, str) and re.fullmatch(_DIGITS, value):
        return int(value)
    return value


def _unless_a_split(value: Any, info: ValidationInfo) -> Any:  # Any: not validated yet
    if value is MISSING and info.data.get("type") != "split":
        raise PydanticCustomError("missing", "Field required")
    return value


Type = Annotated[TransactionType, ANY_CASE]
CurrencyOfAmounts = Annotated[
    CurrencyCode | MISSING,
    BeforeValidator(_unless_a_split),
    Field(
        validate_default=True, description="Of all amounts: a split, which has none, needs none."
    ),
]
WholeNumber = Annotated[
    Int32,
    BeforeValidator(_of_digits, json_schema_input_type=Int32 | _Digits),
]
"""A whole number, which may be sent as a string as decimals are."""
Amount = Annotated[Decimal, Exact(38, 18)]
Price = Annotated[Decimal, Exact(38, 18), WrapValidator(_with_its_places)]
# As a file gives them back: without blanks around them, and in one line.
Identifier = Annotated[str, Field(min_length=1, pattern=r"^\S(.*\S)?$"), AfterValidator(_printable)]
Symbol = Annotated[Identifier, Field(max_length=64)]
Source = Annotated[Identifier, Field(max_length=40)]
ExternalId = Annotated[Identifier, Field(max_length=200)]
Note = Annotated[str, Field(min_length=1, max_length=1000)]


class TransactionCreate(RequestSchema):
    """A new transaction."""

    type: Type
    trade_date: CalendarDay
    executed_at: Instant | None = None
    sequence: WholeNumber = 0
    symbol: Symbol | None = None
    quantity: Amount | None = None
    price: Price | None = None
    fee: Amount = Decimal(0)
    tax: Amount = Decimal(0)
    net_amount: Amount | None = None
    currency: CurrencyOfAmounts = MISSING
    fx_rate: Amount | None = None
    settle_currency: CurrencyCode | None = None
    multiplier: Amount = Decimal(1)
    ratio_numerator: WholeNumber | None = None
    ratio_denominator: WholeNumber | None = None
    source: Source = "manual"
    external_id: ExternalId | None = None
    note: Note | None = None


class TransactionChange(RequestSchema):
    """Changes to a transaction; what is absent stays as it is."""

    type: Type | MISSING = MISSING
    trade_date: CalendarDay | MISSING = MISSING
    executed_at: Instant | MISSING | None = MISSING
    sequence: WholeNumber | MISSING = MISSING
    symbol: Symbol | MISSING | None = MISSING
    quantity: Amount | MISSING | None = MISSING
    price: Price | MISSING | None = MISSING
    fee: Amount | MISSING = MISSING
    tax: Amount | MISSING = MISSING
    net_amount: Amount | MISSING | None = MISSING
    currency: CurrencyCode | MISSING = MISSING
    fx_rate: Amount | MISSING | None = MISSING
    settle_currency: CurrencyCode | MISSING | None = MISSING
    multiplier: Amount | MISSING = MISSING
    ratio_numerator: WholeNumber | MISSING | None = MISSING
    ratio_denominator: WholeNumber | MISSING | None = MISSING
    source: Source | MISSING = MISSING
    external_id: ExternalId | MISSING | None = MISSING
    note: Note | MISSING | None = MISSING


class TransactionRead(VersionedRead):
    """A transaction."""

    portfolio_id: UUID
    type: TransactionType
    trade_date: CalendarDay
    executed_at: Instant | None
    sequence: int
    symbol: str | None
    quantity: Amount | None
    price: Amount | None
    fee: Amount
    tax: Amount
    net_amount: Amount | None
    currency: str
    fx_rate: Amount | None
    settle_currency: str | None
    multiplier: Amount
    ratio_numerator: int | None
    ratio_denominator: int | None
    source: str
    external_id: str | None
    import_id: UUID | None
    note: str | None
    replaces_id: UUID | None
    voided_at: Instant | None
    void_reason: VoidReason | None


class TransactionHistory(ResponseSchema):
    """A transaction and those it was before, the first one first."""

    items: Sequence[TransactionRead]
