"""What a list can be asked for: filters, a search and a sort key on declared columns, by pages.

`?search=apple&side=buy&executed_at__gte=2026-01-01T00:00:00Z&symbol__in=A,B&note__isnull=true&sort=-price`

A request is split into its shape, which a statement is built for once, and its values, which
each execution of that statement binds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from pydantic import AfterValidator, Field, TypeAdapter

from backend.core import cursors
from backend.core.columns import Column, storable
from backend.core.filters import Condition, Filter, filters_of
from backend.core.query_strings import Faults, Included, parameters_of
from backend.core.schemas import ResponseSchema
from backend.core.search import SEARCHED
from backend.core.sparse import FIELDS, FieldNames, SomeFields

DEFAULT_LIMIT = 50
MAXIMUM_LIMIT = 500
MAXIMUM_CURSOR_LENGTH = 8000
MAXIMUM_SEARCH_LENGTH = 200
PAGE_PARAMETERS = ("limit", "cursor", "sort", "search", FIELDS)

LIMIT = "page_limit"
"""The bind parameter for one row more than the page has: it tells whether another page follows."""
CURSOR_VALUE = "cursor_value"
"""The bind parameter for the value, in the column that is sorted by, after which a page starts."""
CURSOR_ROW = "cursor_row_id"
"""The bind parameter for the id of the row after which a page starts."""

_LIMITS: TypeAdapter[int] = TypeAdapter(Annotated[int, Field(ge=1, le=MAXIMUM_LIMIT)])
_SEARCHES: TypeAdapter[str] = TypeAdapter(
    Annotated[str, Field(min_length=1, max_length=MAXIMUM_SEARCH_LENGTH), AfterValidator(storable)]
)
_CACHED_REQUESTS = 256
_CACHED_LENGTH = 200


class SortKey(NamedTuple):
    """What a list is sorted by; rows that are equal in it come in the order of their ids.

    Attributes:
        name: what the client calls it, with `-` in front where it is descending.
        column: the column that gives the order.
    """

    name: str
    column: str
    descending: bool


class ListShape(NamedTuple):
    """All of a request for a page but its values: requests of one shape share a statement.

    Attributes:
        sort: None for the order of creation.
        has_cursor: whether the page starts after a row, or is the first.
        fields: the fields that are answered, in the schema's order; None for all of them.
        search: the columns of which one contains what is searched; none without a search.
    """

    conditions: tuple[Condition, ...] = ()
    sort: SortKey | None = None
    has_cursor: bool = False
    fields: tuple[str, ...] | None = None
    search: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListRequest:
    """Which rows of a list are wanted, in which order, and which page of them.

    Attributes:
        limit: rows in the page.
        values: what the shape's statement binds, by the names of its bind parameters.
    """

    shape: ListShape
    limit: int
    values: Mapping[str, Any]


class ListParameters:
    """The query of a list.

    Args:
        schema: gives the columns their types.
        filter_by: columns that can be filtered: `name`, `name__ne`, `name__in`; with
            `__lt`, `__lte`, `__gt`, `__gte` where its values have an order, and with
            `__isnull` where it may be null.
        sort_by: columns that can be sorted by, as `sort=name` or `sort=-name`. Every list can
            be sorted by `created_at`: ids ascend in the order of creation, so the primary key
            gives it.
        search_by: texts that `search` looks into.

    Raises:
        KeyError: the schema has no such column.
        ValueError: a column to sort by may be null, so that it gives no place in the order; a
            filter would be called as the parameters of the page are, or is on bytes; or a column
            to search is no text.
    """

    def __init__(
        self,
        schema: type[ResponseSchema],
        *,
        filter_by: Sequence[str] = (),
        sort_by: Sequence[str] = (),
        search_by: Sequence[str] = (),
    ) -> None:
        self._fields = FieldNames(schema)
        named = {*filter_by, *sort_by, *search_by, "id"}
        self._columns = {name: Column(schema, name) for name in named}
        self.filter_by = tuple(filter_by)
        self.sort_by = tuple(sort_by)
        self.search_by = tuple(search_by)
        self._sorts: dict[str, SortKey] = {}
        for name, column in (*((name, name) for name in sort_by), ("created_at", "id")):
            if self._columns[column].nullable:
                raise ValueError(
                    f"{schema.__name__}.{column} may be null: no list is sorted by it."
                )
            self._sorts[name] = SortKey(name, column, descending=False)
            self._sorts[f"-{name}"] = SortKey(f"-{name}", column, descending=True)
        for name in (*filter_by, *sort_by):
            if self._columns[name].kind is bytes:
                raise ValueError(f"{schema.__name__}.{name} holds bytes, which have no filters.")
        for name in search_by:
            if self._columns[name].kind is not str:
                raise ValueError(f"{schema.__name__}.{name} is no text: no list is searched by it.")
        if taken := set(filter_by).intersection(PAGE_PARAMETERS):
            raise ValueError(f"{schema.__name__}.{taken.pop()} is named as a list's parameter.")
        self._first_page = ListRequest(ListShape(), DEFAULT_LIMIT, {LIMIT: DEFAULT_LIMIT + 1})

    def parse(self, query_string: bytes) -> ListRequest:
        """Read a raw query string.

        Raises:
            Unprocessable: it has faults; they name parameters, and repeat nothing that was sent.
        """
        if not query_string:
            return self._first_page
        if len(query_string) > _CACHED_LENGTH:
            return self._parsed(query_string)
        return _parsed(self, query_string)

    def included(self, parsed: ListRequest) -> Included | None:
        """Which fields the page has; None for all of them."""
        fields = parsed.shape.fields
        return None if fields is None else {"items": {"__all__": set(fields)}, "next_cursor": True}

    def documented(self, model: Any) -> Any:
        """The response model as the document describes it: of items with some fields."""
        return Annotated[model, SomeFields(of_items=True)]

    def openapi_parameters(self) -> list[dict[str, Any]]:
        """The parameters as the OpenAPI 3.1 document describes them."""
        limit = {**_LIMITS.json_schema(), "default": DEFAULT_LIMIT}
        cursor = {"type": "string", "maxLength": MAXIMUM_CURSOR_LENGTH}
        sort = {"type": "string", "enum": list(self._sorts)}
        return [
            _documented("limit", limit, "Rows in the page."),
            _documented("cursor", cursor, "`next_cursor` of the page before."),
            _documented("sort", sort, "What to sort by, with `-` from the greatest down."),
            self._fields.openapi_parameter(),
            *self._documented_search(),
            *(one.openapi_parameter() for one in self._filters.values()),
        ]

    @cached_property
    def _filters(self) -> dict[str, Filter]:
        return filters_of([self._columns[name] for name in self.filter_by])

    def _documented_search(self) -> list[dict[str, Any]]:
        if not self.search_by:
            return []
        texts = " or ".join(f"`{name}`" for name in self.search_by)
        meaning = f"Contained in {texts}, in any case."
        return [_documented("search", _SEARCHES.json_schema(), meaning)]

    def _parsed(self, query_string: bytes) -> ListRequest:
        sent = parameters_of(query_string)
        faults = Faults()
        values: dict[str, Any] = {}
        limit = DEFAULT_LIMIT
        if (text := sent.pop("limit", None)) is not None:
            limit = faults.read("limit", _LIMITS, text)
        cursor, sort_name = sent.pop("cursor", None), sent.pop("sort", None)
        sort = self._sort(sort_name, faults)
        if cursor is not None and (sort_name is None or sort is not None):
            self._read_cursor(cursor, sort, values, faults)
        fields = None
        if (text := sent.pop(FIELDS, None)) is not None:
            fields = self._fields.read(text, faults)
        search: tuple[str, ...] = ()
        if self.search_by and (text := sent.pop("search", None)) is not None:
            search, values[SEARCHED] = self.search_by, faults.read("search", _SEARCHES, text)
        conditions = self._conditions(sent, values, faults) if sent else ()
        faults.raise_if_any()
        values[LIMIT] = limit + 1
        shape = ListShape(conditions, sort, cursor is not None, fields, search)
        return ListRequest(shape, limit, values)

    def _sort(self, name: str | None, faults: Faults) -> SortKey | None:
        if name is None:
            return None
        sort = self._sorts.get(name)
        if sort is None:
            *first, last = (f"'{name}'" for name in self._sorts)
            faults.add("sort", f"Input should be {', '.join(first)} or {last}")
        return sort

    def _read_cursor(
        self, cursor: str, sort: SortKey | None, values: dict[str, Any], faults: Faults
    ) -> None:
        if len(cursor) > MAXIMUM_CURSOR_LENGTH:
            faults.add("cursor", f"String should have at most {MAXIMUM_CURSOR_LENGTH} characters")
            return
        try:
            value, values[CURSOR_ROW] = cursors.decoded(cursor, sort.name if sort else None)
            if sort is not None:
                adapter = self._columns[sort.column].adapter
                values[CURSOR_VALUE] = adapter.validate_python(value)
        except ValueError:
            faults.add("cursor", "Not a cursor of this list in this order.")

    def _conditions(
        self, sent: Mapping[str, str], values: dict[str, Any], faults: Faults
    ) -> tuple[Condition, ...]:
        """The filters in the order of their declaration, so that another gives no other shape."""
        filters = [self._filters[name] for name in sent if name in self._filters]
        filters.sort(key=lambda one: one.position)
        conditions = tuple(one.read(sent[one.name], values, faults) for one in filters)
        if len(filters) < len(sent):
            faults.add_unknown()
        return conditions


@lru_cache(maxsize=_CACHED_REQUESTS)
def _parsed(parameters: ListParameters, query_string: bytes) -> ListRequest:
    # One cache for all lists, so that its size does not grow with their number.
    return parameters._parsed(query_string)  # noqa: SLF001  # the same class's


def next_cursor(shape: ListShape, value: Any, row_id: UUID | str) -> str:
    """The cursor of the page after the row, which is the last of a page of this shape.

    Args:
        shape: of the page.
        value: what the row has in the column that is sorted by, as the column gives it or as
            the response writes it; of no effect where the list is not sorted.
        row_id: the row's id, likewise.
    """
    return cursors.encoded(shape.sort.name if shape.sort else None, value, row_id)


def _documented(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
    }
