"""What a list can be asked for: filters and a sort key on declared columns, page by page.

`?side=buy&executed_at__gte=2026-01-01T00:00:00Z&symbol__in=A,B&note__isnull=true&sort=-price`
"""

import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import NoneType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from fastapi import Query
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    create_model,
)

from backend.core.schemas import BIGINT_MAX, ResponseSchema, require_storable

DEFAULT_LIMIT = 50
MAXIMUM_LIMIT = 500
MAXIMUM_ALTERNATIVES = 100
MAXIMUM_CURSOR_LENGTH = 8000

Operator = Literal["eq", "ne", "lt", "lte", "gt", "gte", "in", "isnull"]

_EQUALITY: tuple[Operator, ...] = ("eq", "ne", "in")
_ORDER: tuple[Operator, ...] = ("lt", "lte", "gt", "gte")
_ORDERED = (int, str, Decimal, date, datetime, AwareDatetime)
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


@dataclass(frozen=True)
class Condition:
    """One filter: the column, how it is compared, and with what."""

    column: str
    operator: Operator
    value: Any  # Any: of the column's type


@dataclass(frozen=True)
class SortKey:
    """What a list is sorted by; rows that are equal in it come in the order of their ids.

    Attributes:
        name: what the client calls it, without the sign.
        column: the column that gives the order.
        adapter: reads and writes the column's values as JSON.
    """

    name: str
    column: str
    descending: bool
    adapter: TypeAdapter[Any]  # Any: of the column's type


@dataclass(frozen=True)
class ListRequest:
    """Which rows of a list are wanted, in which order, and which page of them.

    Attributes:
        sort: None for the order of creation.
        cursor: `next_cursor` of the page before, as it was given.
    """

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    sort: SortKey | None = None
    conditions: Sequence[Condition] = ()


def list_query(
    schema: type[ResponseSchema], *, filter_by: Sequence[str] = (), sort_by: Sequence[str] = ()
) -> Callable[..., Awaitable[ListRequest]]:
    """The dependency that reads a `ListRequest` from the query.

    Args:
        schema: gives the columns their types.
        filter_by: columns that can be filtered: `name`, `name__ne`, `name__in`; with
            `__lt`, `__lte`, `__gt`, `__gte` where its values have an order, and with
            `__isnull` where it may be null.
        sort_by: columns that can be sorted by, as `sort=name` or `sort=-name`. Every list can
            be sorted by `created_at`: ids ascend in the order of creation, so the primary key
            gives it.

    Raises:
        ValueError: a column to sort by may be null, so that it gives no place in the order.
    """
    filters = dict(_filters_of(schema, filter_by))
    sorts = dict(_sorts_of(schema, sort_by))
    fields = dict(_page_fields(sorts))
    fields |= {name: (kind | None, None) for name, (_, _, kind) in filters.items()}
    model = create_model(f"{schema.__name__}Query", __config__=ConfigDict(extra="forbid"), **fields)

    async def read(query: BaseModel) -> ListRequest:
        sent = {name: getattr(query, name) for name in query.model_fields_set}
        return ListRequest(
            limit=sent.get("limit", DEFAULT_LIMIT),
            cursor=sent.get("cursor"),
            sort=sorts.get(sent.get("sort", "")),
            conditions=[
                Condition(column, operator, sent[name])
                for name, (column, operator, _) in filters.items()
                if sent.get(name) is not None
            ],
        )

    parameter = inspect.Parameter(
        "query", inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[model, Query()]
    )
    read.__signature__ = inspect.Signature([parameter])  # type: ignore[attr-defined]  # read by FastAPI
    return read


def _page_fields(sorts: Mapping[str, SortKey]) -> Iterator[tuple[str, Any]]:
    limit = Field(ge=1, le=MAXIMUM_LIMIT, description="Rows in the page.")
    yield "limit", (Annotated[int, limit], DEFAULT_LIMIT)
    cursor = Field(
        max_length=MAXIMUM_CURSOR_LENGTH, description="`next_cursor` of the page before."
    )
    yield "cursor", (Annotated[str, cursor] | None, None)
    sort = Field(description="What to sort by, with `-` from the greatest down.")
    yield "sort", (Annotated[Literal[tuple(sorts)], sort] | None, None)


def _filters_of(
    schema: type[ResponseSchema], columns: Sequence[str]
) -> Iterator[tuple[str, tuple[str, Operator, Any]]]:
    for column in columns:
        value, nullable = _type_of(schema, column)
        ordered = _ORDER if _has_order(value) else ()
        for operator in (*_EQUALITY, *ordered, *(("isnull",) if nullable else ())):
            kind = {"in": _alternatives_of(value), "isnull": bool}.get(operator, value)
            name = column if operator == "eq" else f"{column}__{operator}"
            described: Any = Annotated[kind, Field(description=_MEANINGS[operator])]
            yield name, (column, operator, described)


def _sorts_of(
    schema: type[ResponseSchema], columns: Sequence[str]
) -> Iterator[tuple[str, SortKey]]:
    for name, column in [*((column, column) for column in columns), ("created_at", "id")]:
        value, nullable = _type_of(schema, column)
        if nullable:
            raise ValueError(f"{schema.__name__}.{column} may be null: no list is sorted by it.")
        adapter: TypeAdapter[Any] = TypeAdapter(value)
        yield name, SortKey(name, column, descending=False, adapter=adapter)
        yield f"-{name}", SortKey(name, column, descending=True, adapter=adapter)


def _type_of(schema: type[ResponseSchema], column: str) -> tuple[Any, bool]:
    """The type of a column's values, as strict as the database is, and whether it may be null."""
    field = schema.model_fields[column]
    kinds = [kind for kind in get_args(field.annotation) if kind is not NoneType]
    nullable = NoneType in get_args(field.annotation)
    value: Any = Union[tuple(kinds)] if nullable else field.annotation  # noqa: UP007 - of a tuple
    for mark in field.metadata:
        value = Annotated[value, mark]
    bare = _bare(value)
    if bare is str:
        value = Annotated[value, AfterValidator(_storable)]
    elif bare is int:
        value = Annotated[value, Field(ge=-BIGINT_MAX - 1, le=BIGINT_MAX)]
    return value, nullable


def _bare(value: Any) -> Any:
    return _bare(get_args(value)[0]) if get_origin(value) is Annotated else value


def _has_order(value: Any) -> bool:
    bare = _bare(value)
    return isinstance(bare, type) and issubclass(bare, _ORDERED) and bare is not bool


def _alternatives_of(value: Any) -> Any:
    """A list of values, written as one text with commas between them."""
    limits = Field(max_length=MAXIMUM_ALTERNATIVES)
    adapter: TypeAdapter[list[Any]] = TypeAdapter(Annotated[list[value], limits])

    def read(text: object) -> list[Any]:
        try:
            return adapter.validate_python(str(text).split(","))
        except ValidationError:
            # Its own words would repeat the values.
            raise ValueError(
                f"not 1 to {MAXIMUM_ALTERNATIVES} valid values with commas between them"
            ) from None

    return Annotated[Any, BeforeValidator(read), WithJsonSchema({"type": "string"})]


def _storable(text: str) -> str:
    require_storable(text)
    return text
