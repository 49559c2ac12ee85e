"""Columns of a list as its response schema types them."""

from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from types import NoneType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import AfterValidator, AwareDatetime, Field, TypeAdapter

from backend.core.schemas import BIGINT_MAX, ResponseSchema, require_storable

_ORDERED = (int, str, Decimal, date, datetime, time, AwareDatetime)


class Column:
    """A column whose values a client can send; what is costly is made at its first use.

    Raises:
        KeyError: the schema has no field of this name.
    """

    def __init__(self, schema: type[ResponseSchema], name: str) -> None:
        self.name = name
        self._field = schema.model_fields[name]

    @property
    def nullable(self) -> bool:
        """Whether it may be null."""
        return NoneType in get_args(self._field.annotation)

    @property
    def ordered(self) -> bool:
        """Whether its values have an order that a client may ask for."""
        kind = self.kind
        return isinstance(kind, type) and issubclass(kind, _ORDERED) and kind is not bool

    @property
    def kind(self) -> Any:
        """The type of its values without what an annotation says of them."""
        return _bare(self._value)

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """Reads its values, as strictly as the database does; null is none."""
        value, kind = self._value, self.kind
        if kind is str:
            value = Annotated[value, AfterValidator(storable)]
        elif kind is int:
            value = Annotated[value, Field(ge=-BIGINT_MAX - 1, le=BIGINT_MAX)]
        return TypeAdapter(value)

    @property
    def _value(self) -> Any:
        """The type of the values that are not null."""
        kinds = [kind for kind in get_args(self._field.annotation) if kind is not NoneType]
        value: Any = Union[tuple(kinds)] if self.nullable else self._field.annotation  # noqa: UP007 - of a tuple
        for mark in self._field.metadata:
            value = Annotated[value, mark]
        return value


def _bare(value: Any) -> Any:
    return _bare(get_args(value)[0]) if get_origin(value) is Annotated else value


def storable(text: str) -> str:
    """A text that a database stores.

    Raises:
        ValueError: none does.
    """
    require_storable(text)
    return text
