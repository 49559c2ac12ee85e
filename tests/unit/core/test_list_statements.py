"""Any query of a list, on both databases, gives what the same query gives in Python."""

import operator
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from backend.core.engine import make_engine
from backend.core.listing import next_cursor
from backend.core.paging import page_of, page_statement
from backend.users.models import User
from tests.unit.core.samples import OWNED, PARAMETERS, SORTED, Sample

ROWS = 40
DAY = date(2026, 1, 1)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
POOLS: dict[str, list[Any]] = {
    "symbol": ["A", "B", "a", "ÄÖ", "", "'; --", "%"],
    "side": ["buy", "sell"],
    "count": [-(2**31), -1, 0, 9, 10, 2**31 - 1],
    "price": [Decimal(text) for text in ("-10", "-9.5", "-0.00000001", "0", "9", "10.00000001")],
    "day": [DAY + timedelta(days=days) for days in (-400, 0, 1, 31)],
    "at": [NOON + timedelta(microseconds=number) for number in (-1, 0, 1, 86_400_000_000)],
    "live": [True, False],
    "note": [None, "n", "N"],
}
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "": operator.eq,
    "__ne": operator.ne,
    "__lt": operator.lt,
    "__lte": operator.le,
    "__gt": operator.gt,
    "__gte": operator.ge,
}
WITH_ORDER = ("count", "price", "day", "at")
# The databases order texts each in their own way: equal ones stand together.
TEXTS = ("symbol",)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    Sample.__table__.create(engine)  # type: ignore[attr-defined]  # a Table
    yield engine
    engine.dispose()


@pytest.fixture
def stored(engine: Engine) -> tuple[UUID, list[Sample]]:
    """Rows of one user among those of another, in the order of their creation."""
    chance = Random(3)  # noqa: S311  # the same rows in each run
    owners = [uuid4(), uuid4()]
    with Session(engine, expire_on_commit=False) as db, db.begin():
        for owner_id in owners:
            db.add(User(id=owner_id, email=f"{owner_id}@example.com", password_hash="x"))
        db.flush()
        rows = []
        for number in range(2 * ROWS):
            values = {name: chance.choice(pool) for name, pool in POOLS.items()}
            rows.append(Sample(user_id=owners[number % 2], **values))
            db.add(rows[-1])
            db.flush()
    return owners[0], rows[::2]


def written(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value).lower() if isinstance(value, bool) else str(value)


@st.composite
def chosen_filters(draw: st.DrawFn) -> dict[str, Any]:
    """Values to filter by; those of `__in` are lists."""
    filters: dict[str, Any] = {}
    for column in draw(st.lists(st.sampled_from(sorted(POOLS)), max_size=3, unique=True)):
        one = st.sampled_from([value for value in POOLS[column] if value is not None])
        kinds: dict[str, st.SearchStrategy[Any]] = {"": one, "__ne": one}
        kinds["__in"] = st.lists(one, min_size=1, max_size=5)
        if column in WITH_ORDER:
            kinds |= dict.fromkeys(COMPARISONS, one)
        if column == "note":
            kinds["__isnull"] = st.booleans()
        for kind in draw(st.lists(st.sampled_from(list(kinds)), min_size=1, max_size=2)):
            filters[column + kind] = draw(kinds[kind])
    return filters


def keeps(row: Sample, name: str, value: Any) -> bool:
    """Whether a filter keeps a row."""
    column, _, kind = name.partition("__")
    found = getattr(row, column)
    if kind == "isnull":
        return bool((found is None) == value)
    if kind == "in":
        return bool(found in value)
    return found is not None and COMPARISONS[f"__{kind}" if kind else ""](found, value)


sorts = st.none() | st.sampled_from(
    [sign + column for column in (*SORTED, "created_at") for sign in ("", "-")]
)


@given(filters=chosen_filters(), sort=sorts, limit=st.integers(1, ROWS + 1))
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_pages_are_the_rows_that_python_chooses_in_its_order(
    engine: Engine,
    stored: tuple[UUID, list[Sample]],
    filters: dict[str, Any],
    sort: str | None,
    limit: int,
) -> None:
    owner_id, rows = stored
    expected = [row for row in rows if all(keeps(row, *one) for one in filters.items())]
    query = {
        name: ",".join(map(written, value)) if isinstance(value, list) else written(value)
        for name, value in filters.items()
    }
    pages = pages_of(engine, owner_id, {**query, "limit": str(limit)}, sort)
    assert all(len(page) == limit for page in pages[:-1])
    found = [row for page in pages for row in page]
    column = (sort or "id").removeprefix("-").replace("created_at", "id")
    if column in TEXTS:
        values = [getattr(row, column) for row in found]
        changes = [before != after for before, after in pairwise(values)]
        assert sum(changes) == max(len(set(values)) - 1, 0)
        place = {value: number for number, value in enumerate(dict.fromkeys(values))}
        expected.sort(key=lambda row: place[getattr(row, column)])
    else:
        expected.sort(key=operator.attrgetter(column), reverse=sort is not None and sort[0] == "-")
    assert [row.id for row in found] == [row.id for row in expected]


def pages_of(
    engine: Engine, owner_id: UUID, query: dict[str, str], sort: str | None
) -> list[list[Sample]]:
    query = query if sort is None else {**query, "sort": sort}
    pages: list[list[Sample]] = []
    with Session(engine) as db:
        while len(pages) <= ROWS:
            wanted = PARAMETERS.parse(urlencode(query).encode())
            page = page_of(db, OWNED, Sample, wanted, owner_id)
            pages.append(list(page.items))
            if page.next_cursor is None:
                return pages
            query = {**query, "cursor": page.next_cursor}
    pytest.fail("There are more pages than rows.")


def test_requests_of_one_shape_send_one_statement(
    engine: Engine, stored: tuple[UUID, list[Sample]]
) -> None:
    sent: set[str] = set()

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "samples" in statement:
            sent.add(statement)

    for count, limit, fields in ((9, 1, "id"), (10, 2, "symbol")):
        query = {"count__gte": str(count), "limit": str(limit), "fields": fields}
        assert len(pages_of(engine, stored[0], query, "-at")) > 1
    assert len(sent) == 2, "the first page, and those after a cursor"


def test_a_statement_holds_no_value() -> None:
    query = b"symbol__in=A,B,C&note__isnull=true&price__lt=5&sort=day&limit=7"
    first = PARAMETERS.parse(query)
    cursor = next_cursor(first.shape, DAY, uuid4()).encode()
    for wanted in (first, PARAMETERS.parse(b"%b&cursor=%b" % (query, cursor))):
        statement = page_statement(OWNED, Sample, wanted.shape)
        assert statement.compile().params == dict.fromkeys(["owner_id", *wanted.values])
