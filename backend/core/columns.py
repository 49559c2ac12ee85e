"""Columns of a list as its response schema types them."""

from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from types import NoneType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import AfterValidator, AwareDatetime, Field, TypeAdapter

from backend.core.schemas import BIGINT_MAX, ResponseSchema, require_storable

_ORDERED = (int, str, Decimal, date, datetime, AwareDatetime)


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
        bare = _bare(self._value)
        return isinstance(bare, type) and issubclass(bare, _ORDERED) and bare is not bool

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """Reads its values, as strictly as the database does; null is none."""
        value = self._value
        bare = _bare(value)
        if bare is str:
            value = Annotated[value, AfterValidator(_storable)]
        elif bare is int:
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


def _storable(text: str) -> str:
    require_storable(text)
    return text
