"""Filters and sort keys over HTTP on both databases, compared with the same done in Python."""

import operator
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session

from backend.core.database import DbSession
from backend.core.listing import ListRequest
from backend.core.paging import Page, PagedRows, page_of
from backend.core.prefix_index import PrefixIndex
from backend.core.query_parameters import from_query
from backend.core.routing import Router
from backend.core.sparse import FieldParameters
from backend.user_sessions.dependencies import CurrentUser
from tests.clients import Client
from tests.unit.core.samples import (
    ONE,
    OWNED,
    PARAMETERS,
    SORTED,
    Sample,
    SampleRead,
)

Row = dict[str, Any]


SampleQuery = Annotated[ListRequest, from_query(PARAMETERS)]
SampleFields = Annotated[object, from_query(FieldParameters(SampleRead))]


@pytest.fixture
def rows(app: FastAPI, alice: Client, bob: Client) -> list[Row]:
    """Alice's rows, as the list answers them."""
    router = Router()

    @router.get("", response_model=Page[SampleRead])
    def list_samples(wanted: SampleQuery, db: DbSession, user: CurrentUser) -> PagedRows[Sample]:
        return page_of(db, OWNED, Sample, wanted, user.id)

    @router.get("/{sample_id:uuid}", response_model=SampleRead)
    def read_sample(
        sample_id: UUID, fields: SampleFields, db: DbSession, user: CurrentUser
    ) -> Sample:
        return db.scalars(ONE, {"owner_id": user.id, "row_id": sample_id}).one()

    app.include_router(router, prefix="/samples")
    app.state.prefix_index = PrefixIndex(app.router)
    app.router.middleware_stack = app.state.prefix_index
    engine = app.state.database.engine
    Sample.__table__.create(engine)  # type: ignore[attr-defined]  # a Table
    with Session(engine) as db, db.begin():
        for client in (alice, bob):
            user_id = UUID(client.get("/users/me").json()["id"])
            for number in range(12):
                db.add(_sample(user_id, number))
                db.flush()
    listed: list[Row] = alice.get("/samples").json()["items"]
    assert len(listed) == 12
    return listed


def _sample(user_id: UUID, number: int) -> Sample:
    return Sample(
        user_id=user_id,
        symbol=["A", "B", "a", "ÄÖ"][number % 4],
        side=["buy", "sell"][number % 2],
        count=[-2_000_000_000, 9, 10, 2_000_000_000][number % 4],
        price=[Decimal("-9.5"), Decimal(-10), Decimal(9), Decimal("10.00000001")][number % 4],
        day=date(2026, 1, 1) + timedelta(days=number % 5),
        at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number % 5),
        live=number % 3 == 0,
        note=None if number % 4 else f"note {number}",
    )


PYTHON: dict[str, Callable[[Any, Any], bool]] = {
    "": operator.eq,
    "__ne": operator.ne,
    "__lt": operator.lt,
    "__lte": operator.le,
    "__gt": operator.gt,
    "__gte": operator.ge,
}
READ: dict[str, Callable[[str], Any]] = {
    "count": int,
    "price": Decimal,
    "day": date.fromisoformat,
    "at": datetime.fromisoformat,
    "created_at": datetime.fromisoformat,
}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("count", "9"),
        ("price", "-9.5"),
        ("price", "10"),
        ("day", "2026-01-03"),
        ("at", "2026-01-01T03:00:00+01:00"),
    ],
)
def test_ordered_columns_compare_as_in_python(
    alice: Client, rows: list[Row], column: str, value: str
) -> None:
    read = READ[column]
    for suffix, compare in PYTHON.items():
        found = alice.get("/samples", params={column + suffix: value})
        assert found.status_code == 200, found.text
        expected = [row for row in rows if compare(read(str(row[column])), read(value))]
        assert found.json()["items"] == expected, suffix


def test_other_filters(alice: Client, rows: list[Row]) -> None:
    def found(query: str) -> list[Row]:
        answer = alice.get(f"/samples?{query}")
        assert answer.status_code == 200, answer.text
        items: list[Row] = answer.json()["items"]
        return items

    assert found("side=buy") == [row for row in rows if row["side"] == "buy"]
    assert found("symbol=a") == [row for row in rows if row["symbol"] == "a"]
    assert found("symbol__in=a,B,ÄÖ") == [row for row in rows if row["symbol"] != "A"]
    assert found("price__in=9,-10") == [r for r in rows if Decimal(r["price"]) in (9, -10)]
    assert found("live=true") == [row for row in rows if row["live"]]
    assert found("note__isnull=true") == [row for row in rows if row["note"] is None]
    assert found("note__isnull=false&side=buy") == [row for row in rows if row["note"]]
    assert found("symbol=none") == []


@pytest.mark.parametrize("sign", ["", "-"])
def test_sorted_pages_hold_each_row_once(alice: Client, rows: list[Row], sign: str) -> None:
    for column in (*SORTED, "created_at"):
        listed = list(pages_of(alice, sign + column))
        assert sorted(row["id"] for row in listed) == [row["id"] for row in rows]
        if column == "symbol":  # the databases sort texts each in their own way
            changes = [before["symbol"] != after["symbol"] for before, after in pairwise(listed)]
            assert sum(changes) == 3
        else:
            read = READ.get(column, str)
            expected = sorted(rows, key=lambda row: read(str(row[column])), reverse=bool(sign))
            assert [row[column] for row in listed] == [row[column] for row in expected], column


def pages_of(client: Client, sort: str) -> Iterator[Row]:
    """The rows of every page of five."""
    query = {"sort": sort, "limit": "5"}
    for _ in range(4):
        page = client.get("/samples", params=query).json()
        yield from page["items"]
        if page["next_cursor"] is None:
            return
        query["cursor"] = page["next_cursor"]
    pytest.fail("There are more pages than rows.")


UNDECLARED = (
    "nonsense=1",
    "symbol=A&symbol=B",
    "symbol__in=A&symbol__in=B",
    "limit=1&limit=2",
    "symbol__like=A",
    "side=hold",
    "side__lt=buy",
    "side__in=buy,hold",
    "live__gt=true",
    "count=x",
    "count=99999999999999999999",
    "count__in=",
    "count__in=1,,2",
    "price=1.123456789",
    "price=1e3",
    "price=NaN",
    "day=2026-13-01",
    "at=2026-01-01T00:00:00",
    "note__isnull=maybe",
    "symbol__isnull=true",
    "sort=note",
    "sort=nonsense",
    "sort=symbol,count",
    "limit=0",
    "limit=501",
    "limit=-1",
    "limit=x",
    "cursor=x",
    "symbol=%00",
    "symbol__in=" + ",".join("x" * 101),
)


def test_what_is_not_declared_is_422(alice: Client, rows: list[Row]) -> None:
    assert rows
    for query in UNDECLARED:
        answer = alice.get(f"/samples?{query}")
        assert answer.status_code == 422, (query, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"


def test_who_asks_is_answered_before_what_is_asked(visitor: Client, rows: list[Row]) -> None:
    assert rows
    for query in ("", "?limit=0", "?nonsense=1", "?limit=1&limit=2"):
        assert visitor.get(f"/samples{query}").status_code == 401, query
        assert visitor.get(f"/samples/{rows[0]['id']}{query}").status_code == 401, query


def test_only_the_named_fields_are_answered(alice: Client, rows: list[Row]) -> None:
    for fields in ("symbol,id", "note", ",".join(rows[0])):
        names = [name for name in rows[0] if name in fields.split(",")]
        expected = [{name: row[name] for name in names} for row in rows]
        page = alice.get("/samples", params={"fields": fields}).json()
        assert page == {"items": expected, "next_cursor": None}
        assert [list(item) for item in page["items"]] == [names] * len(rows)
        one = alice.get(f"/samples/{rows[0]['id']}", params={"fields": fields}).json()
        assert one == expected[0]
        assert list(one) == names


def test_pages_of_some_fields_go_on_as_whole_ones_do(alice: Client, rows: list[Row]) -> None:
    query = {"fields": "symbol", "sort": "-price", "limit": "5"}
    first = alice.get("/samples", params=query).json()
    whole = alice.get("/samples", params={**query, "fields": ",".join(rows[0])}).json()
    assert first["next_cursor"] == whole["next_cursor"]
    second = alice.get("/samples", params={**query, "cursor": first["next_cursor"]}).json()
    by_price = sorted(rows, key=lambda row: Decimal(row["price"]), reverse=True)
    found = [item["symbol"] for item in first["items"] + second["items"]]
    assert found == [row["symbol"] for row in by_price][:10]


def test_some_fields_have_the_etag_of_the_row(alice: Client, rows: list[Row]) -> None:
    path = f"/samples/{rows[0]['id']}"
    etag = alice.get(path).headers["etag"]
    some = alice.get(path, params={"fields": "note"})
    assert some.headers["etag"] == etag
    kept = alice.get(path, params={"fields": "note"}, headers={"If-None-Match": etag})
    assert kept.status_code == 304


@pytest.mark.parametrize("fields", ["", "id,", "id,id", "Id", "user_id", "id, symbol", "items"])
def test_fields_that_a_row_has_not_are_422(alice: Client, rows: list[Row], fields: str) -> None:
    for path in ("/samples", f"/samples/{rows[0]['id']}"):
        answer = alice.get(path, params={"fields": fields})
        assert answer.status_code == 422, path
        assert [error["pointer"] for error in answer.json()["errors"]] == ["query/fields"]


def test_every_parameter_is_documented(app: FastAPI, rows: list[Row]) -> None:
    assert rows
    app.openapi_schema = None
    parameters = {p["name"]: p for p in app.openapi()["paths"]["/samples"]["get"]["parameters"]}
    assert {"limit", "cursor", "sort", "symbol", "symbol__in", "price__gte"} <= set(parameters)
    assert {"note__isnull", "count__lt"} <= set(parameters)
    assert "side__lt" not in parameters
    assert "symbol__isnull" not in parameters
    assert parameters["fields"]["schema"]["items"]["enum"] == list(rows[0])
    assert parameters["side"]["schema"] == {"type": "string", "enum": ["buy", "sell"]}


def test_answers_of_some_fields_are_documented(app: FastAPI, rows: list[Row]) -> None:
    app.openapi_schema = None
    document = app.openapi()

    def answers_of(path: str) -> Any:
        ok = document["paths"][path]["get"]["responses"]["200"]
        return ok["content"]["application/json"]["schema"]["anyOf"]

    whole, some = answers_of("/samples/{sample_id}")
    assert whole == {"$ref": "#/components/schemas/SampleRead"}
    assert list(some["properties"]) == list(rows[0])
    assert "required" not in some
    whole, some = answers_of("/samples")
    assert whole == {"$ref": "#/components/schemas/Page_SampleRead_"}
    assert some["required"] == ["items", "next_cursor"]
    assert list(some["properties"]["items"]["items"]["properties"]) == list(rows[0])
    assert "required" not in some["properties"]["items"]["items"]


def test_an_async_endpoint_cannot_heed_fields() -> None:
    async def read_sample(fields: SampleFields) -> None: ...

    with pytest.raises(TypeError, match="read_sample is async"):
        Router().add_api_route("/samples/{sample_id:uuid}", read_sample)
