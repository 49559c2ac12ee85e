"""Filters of a list: what a client may compare a column with, and how."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from pydantic import TypeAdapter, ValidationError

from backend.core.columns import Column
from backend.core.query_strings import Faults

MAXIMUM_ALTERNATIVES = 100

Operator = Literal["eq", "ne", "lt", "lte", "gt", "gte", "in", "isnull", "notnull"]

_EQUALITY: tuple[Operator, ...] = ("eq", "ne", "in")
_ORDER: tuple[Operator, ...] = ("lt", "lte", "gt", "gte")
_MEANINGS: dict[Operator, str] = {
    "eq": "Equal to this.",
    "ne": "Other than this.",
    "lt": "Less than this.",
    "lte": "At most this.",
    "gt": "More than this.",
    "gte": "At least this.",
    "in": f"One of these, with commas between them; at most {MAXIMUM_ALTERNATIVES}.",
    "isnull": "Whether it is null.",
}
_TRUTHS: TypeAdapter[bool] = TypeAdapter(bool)


class Condition(NamedTuple):
    """What a filter asks for, without the values.

    Attributes:
        alternatives: how many values the column is compared with; more than one only for `in`.
    """

    column: str
    operator: Operator
    alternatives: int

    @property
    def binds(self) -> list[str]:
        """The names of its bind parameters."""
        name = f"filter_{self.column}__{self.operator}"
        if self.operator == "in":
            return [f"{name}_{number}" for number in range(self.alternatives)]
        return [name] * self.alternatives


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter that a list offers.

    Attributes:
        position: its place among the list's filters.
        operator: `isnull` where the client says with the value whether it is or is not.
    """

    position: int
    column: Column
    operator: Operator

    @property
    def name(self) -> str:
        """The query parameter: `symbol`, `symbol__ne`."""
        plain = self.operator == "eq"
        return self.column.name if plain else f"{self.column.name}__{self.operator}"

    def read(self, text: str, values: dict[str, Any], faults: Faults) -> Condition:
        """The condition that the parameter's text asks for.

        Its values are added to `values` under the names of the bind parameters. Where the text
        is wrong the fault is noted, and the condition is of no use.
        """
        column = self.column.name
        if self.operator == "isnull":
            null = faults.read(self.name, _TRUTHS, text)
            return Condition(column, "isnull" if null else "notnull", 0)
        if self.operator == "in":
            found = _rounded(self._alternatives(text, faults))
        else:
            found = [faults.read(self.name, self.column.adapter, text)]
        condition = Condition(column, self.operator, len(found))
        values.update(zip(condition.binds, found, strict=True))
        return condition

    def openapi_parameter(self) -> dict[str, Any]:
        """The parameter as the OpenAPI 3.1 document describes it."""
        return {
            "name": self.name,
            "in": "query",
            "required": False,
            "description": _MEANINGS[self.operator],
            "schema": self._schema(),
        }

    def _alternatives(self, text: str, faults: Faults) -> list[Any]:
        """The values between the commas; none, and the fault noted, if one of them is wrong."""
        texts = text.split(",", MAXIMUM_ALTERNATIVES)
        if len(texts) <= MAXIMUM_ALTERNATIVES:
            # One fault for all of them: it does not say which value is wrong.
            with suppress(ValidationError):
                return [self.column.adapter.validate_python(one) for one in texts]
        detail = f"not 1 to {MAXIMUM_ALTERNATIVES} valid values with commas between them"
        faults.add(self.name, detail)
        return []

    def _schema(self) -> dict[str, Any]:
        if self.operator == "in":
            return {"type": "string"}
        adapter = _TRUTHS if self.operator == "isnull" else self.column.adapter
        return adapter.json_schema()


def _rounded(alternatives: list[Any]) -> list[Any]:
    """As many as a power of two, by repeating the last one, so that there are few shapes."""
    missing = -len(alternatives) % (1 << max(len(alternatives) - 1, 0).bit_length())
    return alternatives + alternatives[-1:] * missing


def filters_of(columns: Sequence[Column]) -> dict[str, Filter]:
    """Every filter of these columns, by the names of the query parameters."""
    offered = (Filter(position, *pair) for position, pair in enumerate(_offered(columns)))
    return {one.name: one for one in offered}


def _offered(columns: Sequence[Column]) -> Iterator[tuple[Column, Operator]]:
    for column in columns:
        ordered = _ORDER if column.ordered else ()
        nulls: tuple[Operator, ...] = ("isnull",) if column.nullable else ()
        for operator in (*_EQUALITY, *ordered, *nulls):
            yield column, operator
