"""JSON of any kind, and bytes."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Annotated, TypeAlias

from pydantic import (
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    JsonValue,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

BYTES_MAX = 65_536
_BASE64 = "([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"


def _in_one_fault(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    try:
        return handler(value)
    except ValidationError:
        # Each kind of value would have a fault of its own, at a place inside the schema.
        raise ValueError("a JSON value that is not null") from None


JSONContent: TypeAlias = Annotated[
    dict[str, JsonValue] | list[JsonValue] | str | bool | int | float, WrapValidator(_in_one_fault)
]
"""Any JSON value but null, which is for the column to allow."""


@dataclass(frozen=True)
class Base64:
    """The field `Annotated[bytes, Base64(max_length=…)]`: standard base64 on the wire, both ways.

    Padding is required; line breaks and the alphabet of URLs are refused.

    Attributes:
        max_length: the most bytes, before they are encoded.
        min_length: the least.
    """

    max_length: int = BYTES_MAX
    min_length: int = 0

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._read,
            serialization=core_schema.plain_serializer_function_ser_schema(
                base64_text, return_schema=core_schema.str_schema(), when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(
        self, _schema: core_schema.CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {
            "type": "string",
            "contentEncoding": "base64",
            "minLength": _encoded_length(self.min_length),
            "maxLength": _encoded_length(self.max_length),
            "pattern": f"^{_BASE64}$",
        }

    def _read(self, value: object) -> bytes:
        if isinstance(value, str):
            value = _decoded(value)
        if not isinstance(value, bytes):
            raise ValueError("bytes are written in base64")  # noqa: TRY004 - a fault of the field
        if not self.min_length <= len(value) <= self.max_length:
            raise ValueError(f"there are {self.min_length} to {self.max_length} bytes")
        return value


def base64_text(value: bytes) -> str:
    """Bytes as every answer writes them."""
    return b64encode(value).decode()


def _decoded(text: str) -> bytes:
    try:
        decoded = b64decode(text, validate=True)
    except ValueError:
        decoded = b""
    # The decoder reads over bits that no byte has, so that one value could be written in two ways.
    if base64_text(decoded) != text:
        raise ValueError("bytes are written in base64, with padding and without line breaks")
    return decoded


def _encoded_length(count: int) -> int:
    return (count + 2) // 3 * 4


Base64Bytes = Annotated[bytes, Base64()]
"""Bytes, as standard base64 on the wire; at most `BYTES_MAX`."""
