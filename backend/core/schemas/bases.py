"""Bases of the bodies of requests and responses."""

from typing import Any, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationInfo, model_validator
from pydantic_core import from_json

from backend.core.schemas.storable import is_plainly_storable, require_storable
from backend.core.schemas.times import Instant

_STORABLE = object()
"""The validation context of data that is known to be storable."""

Row = TypeVar("Row")


class RequestSchema(BaseModel):
    """Base of request bodies: unknown fields, and values that no database stores, are refused."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def read_json(cls, body: bytes) -> Self:
        """Validate a JSON text.

        Raises:
            ValueError: it is no JSON, or not what the schema asks for.
        """
        context = _STORABLE if is_plainly_storable(body) else None
        data = from_json(body, cache_strings="keys")
        # What `model_validate` calls, after options that are not given here.
        valid: Self = cls.__pydantic_validator__.validate_python(data, context=context)
        return valid

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


class UnversionedRead(ResponseSchema):
    """What every table answers beside its own columns."""

    id: UUID
    created_at: Instant
    updated_at: Instant


class VersionedRead(UnversionedRead):
    """The same, and the version of the row."""

    version: int
