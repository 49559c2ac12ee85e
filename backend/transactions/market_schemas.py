"""What reports at market prices are asked with, and what they answer."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from backend.core.schemas import (
    ANY_CASE,
    CalendarDay,
    CurrencyCode,
    Exact,
    RequestSchema,
    ResponseSchema,
)
from backend.ledger.faults import whole_currency
from backend.transactions.report_schemas import HoldingRead, MethodName, Number
from backend.transactions.schemas import Symbol

LONGEST_DAYS = 11_000
"""Days in a report of performance: thirty years."""


def _positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise ValueError("must be greater than 0")
    return value


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise ValueError("must not be negative")
    return value


Price = Annotated[Decimal, Exact(38, 18), AfterValidator(_not_negative)]
Rate = Annotated[Decimal, Exact(38, 18), AfterValidator(_positive)]
BaseCurrency = Annotated[CurrencyCode, AfterValidator(whole_currency)]
Method = Annotated[MethodName, ANY_CASE]
DatedRates = Annotated[
    Mapping[CurrencyCode, Mapping[CalendarDay, Rate]],
    Field(
        description="What one unit of a currency is worth in the base currency, by currency and"
        " day. A rate holds until the next one."
    ),
]


def _on_the_day(given: Any, info: ValidationInfo) -> Any:  # Any: not validated yet
    day: date | None = info.data.get("as_of")
    if day is None or not isinstance(given, Mapping):
        return given
    return {
        currency: rates if isinstance(rates, Mapping) else {day.isoformat(): rates}
        for currency, rates in given.items()
    }


RatesOfADay = Annotated[
    Mapping[CurrencyCode, Mapping[CalendarDay, Rate]],
    BeforeValidator(
        _on_the_day,
        json_schema_input_type=Mapping[CurrencyCode, Rate | Mapping[CalendarDay, Rate]],
    ),
    Field(
        description="What one unit of a currency is worth in the base currency, by currency: on"
        " `as_of`, or by day. A rate of a day holds until the next one."
    ),
]


class MarketRequest(RequestSchema):
    """What a portfolio is to be measured by.

    Nothing of it is stored, so that its names and values need not be few.
    """

    base_currency: BaseCurrency | None = None
    method: Method | None = None

    @model_validator(mode="before")
    @classmethod
    def _refuse_unstorable(cls, data: Any) -> Any:  # Any: not validated yet
        return data


class ValuationRequest(MarketRequest):
    """Prices of one day, by symbol, in the currency that each symbol is held in."""

    as_of: CalendarDay
    prices: Mapping[Symbol, Price] = Field(default_factory=dict)
    fx: RatesOfADay = Field(default_factory=dict)


class PerformanceRequest(MarketRequest):
    """The time, and prices by symbol and day; a price holds until the next one."""

    start: Annotated[CalendarDay, Field(alias="from")]
    end: Annotated[CalendarDay, Field(alias="to")]
    prices: Mapping[Symbol, Mapping[CalendarDay, Price]] = Field(default_factory=dict)
    fx: DatedRates = Field(default_factory=dict)

    @model_validator(mode="after")
    def _in_order(self) -> "PerformanceRequest":
        if self.end < self.start:
            raise ValueError("`to` is before `from`")
        if self.start == date.min:
            raise ValueError("`from` needs a day before it, at whose end counting begins")
        if (self.end - self.start).days >= LONGEST_DAYS:
            raise ValueError(f"a report has at most {LONGEST_DAYS} days")
        return self


class MissingPriceRead(ResponseSchema):
    """A symbol that is held without a price on a day."""

    symbol: str
    date: date


class MissingRateRead(ResponseSchema):
    """A currency without a rate on a day."""

    from_currency: str
    to_currency: str
    date: date


class ValuedHoldingRead(HoldingRead):
    """A holding at a price; what a missing price or rate leaves unknown is null."""

    price: Number | None
    market_value: Number | None
    unrealized_pnl: Number | None
    unrealized_pnl_gross: Number | None
    market_value_base: Number | None
    cost_basis_base: Number | None
    cost_basis_gross_base: Number | None
    fees_base: Number | None


class ValuedCashRead(ResponseSchema):
    """The cash of one currency."""

    currency: str
    amount: Number
    amount_base: Number | None


class CurrencyTotalRead(ResponseSchema):
    """The holdings of one currency together, in it."""

    currency: str
    cost_basis: Number
    market_value: Number | None
    unrealized_pnl: Number | None


class ValuationReport(ResponseSchema):
    """What a portfolio is worth at the end of a day, in the base currency."""

    items: Sequence[ValuedHoldingRead]
    cash: Sequence[ValuedCashRead]
    by_currency: Sequence[CurrencyTotalRead]
    as_of: date
    base_currency: str
    method: MethodName
    market_value: Number | None
    cash_value: Number | None
    total_value: Number | None
    missing_prices: Sequence[MissingPriceRead]
    missing_rates: Sequence[MissingRateRead]
    missing_cost_rates: Sequence[MissingRateRead]


class DayRead(ResponseSchema):
    """The end of one day in the base currency; null where unknown or undefined."""

    date: date
    value: Number | None
    inflow: Number | None
    outflow: Number | None
    daily_return: Number | None
    cumulative_return: Number | None


class AttributionRead(ResponseSchema):
    """What made the value of the beginning that of the end, in the base currency."""

    initial_value: Number
    unrealized_change: Number
    realized: Number
    earnings: Number
    fees: Number
    taxes: Number
    currency_gains: Number
    transfers: Number
    final_value: Number


class PerformanceReport(ResponseSchema):
    """How a portfolio did, by the convention that it names."""

    items: Sequence[DayRead]
    start: Annotated[date, Field(serialization_alias="from")]
    end: Annotated[date, Field(serialization_alias="to")]
    base_currency: str
    method: MethodName
    convention: str
    twr: Number | None
    xirr: Number | None
    attribution: AttributionRead | None
    missing_prices: Sequence[MissingPriceRead]
    missing_rates: Sequence[MissingRateRead]
