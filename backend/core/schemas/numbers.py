"""Exact decimals and whole numbers."""

import re
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import cached_property
from typing import Annotated

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

INT_MAX = 2**31 - 1
BIGINT_MAX = 2**63 - 1
_ZERO = Decimal(0)


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
        # Without the sign of "-0", and with all its places, it reads as the database gives it.
        number = Decimal(value) or _ZERO
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


Int32 = Annotated[int, Field(strict=True, ge=-INT_MAX - 1, le=INT_MAX)]
"""A whole number that an INTEGER column holds."""

Int64 = Annotated[int, Field(strict=True, ge=-BIGINT_MAX - 1, le=BIGINT_MAX)]
"""A whole number that a BIGINT column holds."""
