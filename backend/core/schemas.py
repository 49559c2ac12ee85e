"""Bases and field types of the Pydantic schemas."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from functools import cached_property
from typing import Annotated, Any, Self, TypeAlias, TypeVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    JsonValue,
    PlainSerializer,
    ValidationInfo,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema, from_json

MAXIMUM_DEPTH = 64
MAXIMUM_NODES = 10_000
INT_MAX = 2**31 - 1
BIGINT_MAX = 2**63 - 1
TEXT_MAX = 100_000
_ZERO = Decimal(0)
_STORABLE = object()
"""The validation context of data that is known to be storable."""

Row = TypeVar("Row")


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("the instant is outside the years 1 to 9999") from None


def _written(value: object) -> object:
    if isinstance(value, datetime) or (isinstance(value, str) and "T" in value.upper()):
        return value
    raise ValueError("an instant is written as in RFC 3339, such as 2026-01-31T09:30:00Z")


def rfc3339(instant: datetime) -> str:
    """An aware instant as every answer writes it: in UTC, with `Z`."""
    text = instant.astimezone(UTC).isoformat().removesuffix("+00:00")
    return f"{text.rstrip('0')}Z" if instant.microsecond else f"{text}Z"


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_written),
    AfterValidator(_in_utc),
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
]
"""An RFC 3339 time with a zone; answered in UTC, without zeros at the end of the fraction."""


class RequestSchema(BaseModel):
    """Base of request bodies: unknown fields, and values that no database stores, are refused."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def read_json(cls, body: bytes) -> Self:
        """Validate a JSON text.

        Raises:
            ValueError: it is no JSON, or not what the schema asks for.
        """
        context = _STORABLE if _is_plainly_storable(body) else None
        return cls.model_validate(from_json(body), context=context)

    @model_validator(mode="before")
    @classmethod
    def _refuse_unstorable(cls, data: Any, info: ValidationInfo) -> Any:  # Any: not validated yet
        if info.context is not _STORABLE:
            require_storable(data)
        return data

    def apply_to(self, row: Row) -> Row:
        """Set on the row each field that the client sent, also where it is null."""
        for name in self.model_fields_set:
            setattr(row, name, getattr(self, name))
        return row


class ResponseSchema(BaseModel):
    """Base of response bodies, read from a model's attributes."""

    model_config = ConfigDict(from_attributes=True)


class VersionedRead(ResponseSchema):
    """What every table answers beside its own columns."""

    id: UUID
    created_at: Instant
    updated_at: Instant
    version: int


def require_storable(data: Any) -> None:
    """Refuse NUL characters, lone surrogates, infinite numbers, deep and large documents."""
    waiting: list[tuple[Any, int]] = [(data, 0)]
    nodes = 0
    while waiting:
        value, depth = waiting.pop()
        nodes += 1
        if nodes + len(waiting) > MAXIMUM_NODES:
            raise ValueError(f"more than {MAXIMUM_NODES} names and values")
        if depth > MAXIMUM_DEPTH:
            raise ValueError(f"nested deeper than {MAXIMUM_DEPTH} levels")
        if isinstance(value, str):
            _require_storable_text(value)
        elif isinstance(value, float):
            if not math.isfinite(value):
                raise ValueError("a number is not finite")
        elif isinstance(value, dict):
            for key, inner in value.items():
                waiting += [(key, depth + 1), (inner, depth + 1)]
        elif isinstance(value, list):
            waiting += [(inner, depth + 1) for inner in value]


def _is_plainly_storable(body: bytes) -> bool:
    """Whether `require_storable` cannot refuse what a JSON text says; much cheaper than asking it.

    Without escapes by number a JSON text has neither NUL characters nor halves of surrogate
    pairs. It may still have a number too large to be finite, which no column of a number takes.
    """
    return (
        len(body) <= MAXIMUM_NODES
        and b"\\u" not in body
        and body.count(b"{") + body.count(b"[") <= MAXIMUM_DEPTH
    )


def _require_storable_text(text: str) -> None:
    if "\x00" in text:
        raise ValueError("a text has a NUL character")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("a text has half of a surrogate pair")


@dataclass(frozen=True)
class Exact:
    """The field `Annotated[Decimal, Exact(precision, scale)]`: a string on the wire, both ways.

    More than `scale` places, or `precision - scale` digits before the point, is refused and
    never rounded; so is a JSON number, which may have lost digits before it is seen.
    """

    precision: int
    scale: int

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        # Plain: Pydantic's own validation would find nothing more, and costs as much again.
        return core_schema.no_info_plain_validator_function(
            self._read,
            serialization=core_schema.plain_serializer_function_ser_schema(
                _plain_decimal, return_schema=core_schema.str_schema(), when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(
        self, _schema: core_schema.CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "pattern": self._pattern}

    @property
    def _pattern(self) -> str:
        whole = f"[0-9]{{1,{self.precision - self.scale}}}" if self.precision > self.scale else "0"
        places = rf"(\.[0-9]{{1,{self.scale}}})?" if self.scale else ""
        return rf"^-?{whole}{places}$"

    def _read(self, value: object) -> Decimal:
        if isinstance(value, Decimal):
            self._require_fitting(value)
            return value
        if not isinstance(value, str) or not self._written.fullmatch(value):
            raise ValueError(
                f"a decimal is a string with at most {self.precision - self.scale} digits "
                f"before the point and {self.scale} after it"
            )
        # Adding zero turns "-0" into 0; with all its places it reads as the database gives it.
        number = self._context.add(Decimal(value), _ZERO)
        return number.quantize(self._quantum, context=self._context)

    def _require_fitting(self, value: Decimal) -> None:
        fits = value.is_finite() and (not value or value.adjusted() < self.precision - self.scale)
        if fits and not value.same_quantum(self._quantum):
            fits = value == value.quantize(self._quantum, context=self._context)
        if not fits:
            raise ValueError(
                f"a decimal has at most {self.precision - self.scale} digits before the point "
                f"and {self.scale} after it"
            )

    @cached_property
    def _written(self) -> re.Pattern[str]:
        return re.compile(self._pattern[1:-1])

    @cached_property
    def _context(self) -> Context:
        return Context(prec=2 * self.precision + 2)

    @cached_property
    def _quantum(self) -> Decimal:
        return Decimal(1).scaleb(-self.scale)


def _plain_decimal(value: Decimal) -> str:
    return f"{value:f}"


def _written_as_a_day(value: object) -> object:
    # Pydantic would also read a number, as seconds since 1970.
    if isinstance(value, date) or (
        isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII)
    ):
        return value
    raise ValueError("a day is written like 2026-01-31")


Int32 = Annotated[int, Field(strict=True, ge=-INT_MAX - 1, le=INT_MAX)]
"""A whole number that an INTEGER column holds."""

Int64 = Annotated[int, Field(strict=True, ge=-BIGINT_MAX - 1, le=BIGINT_MAX)]
"""A whole number that a BIGINT column holds."""

CalendarDay = Annotated[date, BeforeValidator(_written_as_a_day)]
"""A day, written as RFC 3339 writes it."""

JSONContent: TypeAlias = dict[str, JsonValue] | list[JsonValue] | str | bool | int | float
"""Any JSON value but null, which is for the column to allow."""
