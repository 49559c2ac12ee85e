"""What a list's query string is read as: a shape, and the values that it binds."""

from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.errors import Unprocessable
from backend.core.filters import Condition
from backend.core.listing import ListParameters, ListShape, SortKey
from tests.unit.core.samples import COLUMNS, PARAMETERS, SORTED, SampleRead


def faults_of(query: bytes) -> list[tuple[str, str]] | None:
    """The faults of a query, by pointer; None if it is read."""
    try:
        PARAMETERS.parse(query)
    except Unprocessable as refused:
        return [(error.pointer, error.detail) for error in refused.errors or ()]
    return None


def test_no_query_is_the_first_page_in_the_order_of_creation() -> None:
    for query in (b"", b"&", b"limit=50"):
        wanted = PARAMETERS.parse(query)
        assert (wanted.shape, wanted.limit, wanted.values) == (ListShape(), 50, {"page_limit": 51})


def test_a_request_is_a_shape_and_its_values() -> None:
    wanted = PARAMETERS.parse(
        b"note__isnull=false&symbol__in=A,%2B+b&price__gte=-1.5&sort=-day&limit=7&fields=side,id"
    )
    assert wanted.shape == ListShape(
        conditions=(
            Condition("symbol", "in", 2),
            Condition("price", "gte", 1),
            Condition("note", "notnull", 0),
        ),
        sort=SortKey("-day", "day", descending=True),
        fields=("id", "side"),
    )
    assert wanted.limit == 7
    assert wanted.values == {
        "filter_symbol__in_0": "A",
        "filter_symbol__in_1": "+ b",
        "filter_price__gte": Decimal("-1.50000000"),
        "page_limit": 8,
    }


@pytest.mark.parametrize("written", ["a+b", "a%20b", "%61+b", "a b"])
def test_a_space_is_written_as_forms_and_as_addresses_do(written: str) -> None:
    wanted = PARAMETERS.parse(f"symbol={written}".encode())
    assert wanted.values["filter_symbol__eq"] == "a b"


def test_requests_that_differ_in_values_alone_have_one_shape() -> None:
    shapes = [
        PARAMETERS.parse(query).shape
        for query in (
            b"count=1&symbol=A&price__in=1,2,3&limit=3",
            b"price__in=1,2,3,4&limit=4&symbol=B&count=2",
        )
    ]
    assert shapes[0] == shapes[1]
    assert hash(shapes[0]) == hash(shapes[1])
    other = PARAMETERS.parse(b"count=1&symbol=A&price__in=1,2,3,4,5&limit=3").shape
    assert other.conditions[-1].alternatives == 8


@given(count=st.integers(1, 100))
@settings(deadline=None)
def test_alternatives_are_rounded_up_to_a_power_of_two(count: int) -> None:
    sent = list(range(count))
    wanted = PARAMETERS.parse(f"count__in={','.join(map(str, sent))}".encode())
    (condition,) = wanted.shape.conditions
    assert condition.alternatives in (1, 2, 4, 8, 16, 32, 64, 128)
    assert condition.alternatives < 2 * count
    bound = [wanted.values[name] for name in condition.binds]
    assert bound == sent + [sent[-1]] * (condition.alternatives - count)
    assert len(wanted.values) == condition.alternatives + 1


UNKNOWN = ("query", "There is a query parameter that is not known here.")
FIELDS = "not names of fields, each once, with commas between them"
LIST = "not 1 to 100 valid values with commas between them"


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ("limit=0", [("query/limit", "Input should be greater than or equal to 1")]),
        ("limit=501", [("query/limit", "Input should be less than or equal to 500")]),
        ("side=hold", [("query/side", "Input should be 'buy' or 'sell'")]),
        ("at=2026-01-01T00:00:00", [("query/at", "Input should have timezone info")]),
        ("count__in=1,x", [("query/count__in", LIST)]),
        ("symbol__in=" + "x," * 100, [("query/symbol__in", LIST)]),
        ("symbol=%00", [("query/symbol", "a text has a NUL character")]),
        ("count=1&count=1", [("query", "There is a query parameter more than once.")]),
        ("count=1&co%75nt=1", [("query", "There is a query parameter more than once.")]),
        ("secret=1", [UNKNOWN]),
        ("symbol__isnull=true", [UNKNOWN]),
        ("=1", [UNKNOWN]),
        ("cursor=" + "x" * 8001, [("query/cursor", "String should have at most 8000 characters")]),
        ("cursor=x", [("query/cursor", "Not a cursor of this list in this order.")]),
        ("fields=id,id", [("query/fields", FIELDS)]),
    ],
)
def test_faults_say_where_and_what(query: str, faults: list[tuple[str, str]]) -> None:
    assert faults_of(query.encode()) == faults


def test_all_faults_are_told_at_once() -> None:
    query = "secret=1&side=hold&count=x&sort=nonsense&cursor=x&limit=x&other=2&fields=secret"
    pointers = [pointer for pointer, _ in faults_of(query.encode()) or ()]
    fields = ["limit", "sort", "fields", "side", "count"]
    assert pointers == [*(f"query/{name}" for name in fields), "query"]


def test_at_most_fifty_faults_are_told() -> None:
    names = [f"field_{number}" for number in range(60)]
    annotations = dict.fromkeys(names, int)
    wide = type("Wide", (SampleRead,), {"__annotations__": annotations, "__module__": __name__})
    parameters = ListParameters(wide, filter_by=names)
    with pytest.raises(Unprocessable) as refused:
        parameters.parse("&".join(f"{name}=x" for name in names).encode())
    assert len(refused.value.errors or ()) == 50


@given(
    sent=st.dictionaries(
        st.sampled_from([*COLUMNS, *(f"{name}__in" for name in COLUMNS), "limit", "sort", "fields"])
        | st.text(),
        st.text(),
    )
)
@settings(deadline=None)
def test_no_query_fails_otherwise_or_repeats_what_was_sent(sent: dict[str, str]) -> None:
    query = urlencode(sent, errors="surrogatepass").encode()
    marked = query.replace(b"=", b"=qwzx")
    assert faults_of(query) != []
    assert "qwzx" not in repr(faults_of(marked))


@given(query=st.binary())
@settings(deadline=None)
def test_any_bytes_are_read_or_refused(query: bytes) -> None:
    assert faults_of(query) != []


def test_a_request_that_was_seen_before_is_the_same() -> None:
    query = b"symbol=A&limit=3"
    assert PARAMETERS.parse(query) is PARAMETERS.parse(query)
    other = ListParameters(SampleRead, filter_by=("symbol",))
    assert other.parse(query) is not PARAMETERS.parse(query)
    long = f"symbol={quote('Ä' * 20)}&note={'x' * 200}".encode()
    assert PARAMETERS.parse(long) is not PARAMETERS.parse(long)
    for _ in range(2):
        assert faults_of(b"limit=0")


def test_a_nullable_column_gives_no_order() -> None:
    with pytest.raises(ValueError, match="note may be null"):
        ListParameters(SampleRead, sort_by=("note",))


def test_no_filter_is_called_as_a_parameter_of_the_page() -> None:
    class Limited(SampleRead):
        limit: int

    with pytest.raises(ValueError, match=r"Limited\.limit"):
        ListParameters(Limited, filter_by=("limit",))


def test_the_document_names_what_is_read() -> None:
    parameters: dict[str, Any] = {one["name"]: one for one in PARAMETERS.openapi_parameters()}
    assert all(one["in"] == "query" and not one["required"] for one in parameters.values())
    assert all(one["description"] for one in parameters.values())
    for name in set(parameters) - {"limit", "cursor", "sort", "fields"}:
        faults = faults_of(f"{name}=x".encode()) or ()
        assert {pointer for pointer, _ in faults} <= {f"query/{name}"}
    for sort in parameters["sort"]["schema"]["enum"]:
        assert PARAMETERS.parse(f"sort={sort}".encode()).shape.sort is not None
    assert len(parameters["sort"]["schema"]["enum"]) == 2 * len([*SORTED, "created_at"])
    assert parameters["limit"]["schema"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 500,
        "default": 50,
    }
