"""Portfolios over HTTP, on both databases."""

from typing import Any

from tests.clients import Client

REFUSED: list[tuple[str, object]] = [
    ("name", None),
    ("name", 7),
    ("name", ""),
    ("name", "x" * 101),
    ("base_currency", None),
    ("base_currency", "eur"),
    ("base_currency", "GBX"),
    ("cost_basis_method", None),
    ("cost_basis_method", "no such word"),
    ("name", " \t"),
    ("allow_short", None),
    ("allow_short", "yes"),
]


def body(number: int = 1) -> dict[str, Any]:
    """A valid request body; each number gives another row."""
    return {
        "name": f"name {number}",
        "base_currency": ("CHF", "EUR", "USD")[number % 3],
        "cost_basis_method": ("fifo", "lifo", "hifo")[number % 3],
        "allow_short": number % 2 == 1,
    }


def create(client: Client, sent: dict[str, Any]) -> dict[str, Any]:
    """The row that the API makes of a body."""
    created = client.post("/portfolios", json=sent)
    assert created.status_code == 201, created.text
    row: dict[str, Any] = created.json()
    return row


def test_create_answers_201_with_location_and_etag(alice: Client) -> None:
    sent = body()
    created = alice.post("/portfolios", json=sent)
    assert created.status_code == 201, created.text
    row = created.json()
    assert row | sent == row
    assert row["version"] == 1
    assert created.headers["location"] == f"/portfolios/{row['id']}"
    read = alice.get(created.headers["location"])
    assert read.json() == row
    assert read.headers["etag"] == created.headers["etag"]


def test_absent_fields_are_null_or_their_defaults(alice: Client) -> None:
    absent: dict[str, object] = {
        "cost_basis_method": "fifo",
        "allow_short": False,
    }
    sent = {name: value for name, value in body().items() if name not in absent}
    row = create(alice, sent)
    assert row | absent == row


def test_a_missing_or_unknown_field_is_422(alice: Client) -> None:
    sent = body()
    for missing in ("name", "base_currency"):
        rest = {name: value for name, value in sent.items() if name != missing}
        answer = alice.post("/portfolios", json=rest)
        assert answer.status_code == 422, missing
        assert answer.json()["errors"][0]["pointer"] == f"body/{missing}"
    unknown = {"no_such_field": 1}
    path = f"/portfolios/{create(alice, sent)['id']}"
    assert alice.post("/portfolios", json=sent | unknown).status_code == 422
    assert alice.patch(path, json=unknown).status_code == 422
    assert alice.get("/portfolios", params=unknown).status_code == 422


def test_a_value_that_a_field_does_not_take_is_422(alice: Client) -> None:
    row = create(alice, body())
    sent = body(2)
    path = f"/portfolios/{row['id']}"
    for field, value in REFUSED:
        created = alice.post("/portfolios", json=sent | {field: value})
        changed = alice.patch(path, json={field: value})
        for answer in (created, changed):
            assert answer.status_code == 422, (field, value)
            assert answer.json()["errors"][0]["pointer"].startswith(f"body/{field}")
    assert alice.get(path).json() == row


def test_a_name_loses_white_space_around_it(alice: Client) -> None:
    row = create(alice, body() | {"name": " \tSavings of mine \n"})
    assert row["name"] == "Savings of mine"
    assert alice.post("/portfolios", json=body() | {"name": "SAVINGS of mine "}).status_code == 409


def test_list_comes_in_pages(alice: Client) -> None:
    rows = [create(alice, body(number)) for number in (1, 2, 3)]
    first = alice.get("/portfolios", params={"limit": 2}).json()
    assert first["items"] == rows[:2]
    second = alice.get("/portfolios", params={"limit": 2, "cursor": first["next_cursor"]})
    assert second.json() == {"items": rows[2:], "next_cursor": None}
    newest_first = alice.get("/portfolios", params={"sort": "-created_at"}).json()
    assert newest_first["items"] == rows[::-1]
    assert alice.get("/portfolios", params={"sort": "no_such_field"}).status_code == 422


def test_list_is_filtered(alice: Client) -> None:
    rows = [create(alice, body(number)) for number in (1, 2, 3)]
    for field in ("name",):
        value = rows[0][field]
        equal = alice.get("/portfolios", params={field: value}).json()
        assert equal["items"] == [row for row in rows if row[field] == value], field
        other = alice.get("/portfolios", params={f"{field}__ne": value}).json()
        assert other["items"] == [row for row in rows if row[field] != value], field


def test_list_is_sorted(alice: Client) -> None:
    rows = [create(alice, body(number)) for number in (1, 2, 3)]
    for sort, order in (("name", [0, 1, 2]), ("-name", [2, 1, 0])):
        page = alice.get("/portfolios", params={"sort": sort}).json()
        assert page["items"] == [rows[place] for place in order], sort


def test_fields_names_what_is_answered(alice: Client) -> None:
    row = create(alice, body())
    path = f"/portfolios/{row['id']}"
    etag = alice.get(path).headers["etag"]
    for field in row:
        named = {"fields": field}
        read = alice.get(path, params=named)
        assert read.json() == {field: row[field]}
        assert read.headers["etag"] == etag
        page = alice.get("/portfolios", params=named).json()
        assert page == {"items": [{field: row[field]}], "next_cursor": None}
    for wrong in ("", "id,id", "no_such_field"):
        assert alice.get(path, params={"fields": wrong}).status_code == 422, wrong


def test_patch_changes_what_it_names_and_nothing_else(alice: Client) -> None:
    row = create(alice, body())
    path = f"/portfolios/{row['id']}"
    assert alice.patch(path, json={}).json() == row
    sent = body(2)
    for field in sent:
        changed = alice.patch(path, json={field: sent[field]})
        assert changed.status_code == 200, changed.text
        after = changed.json()
        automatic = {"updated_at": after["updated_at"], "version": row["version"] + 1}
        assert after == row | automatic | {field: sent[field]}
        row = after
    assert alice.get(path).json() == row


def test_a_stale_if_match_is_412_and_a_deleted_row_is_gone(alice: Client) -> None:
    kept, removed = create(alice, body()), create(alice, body(2))
    path = f"/portfolios/{removed['id']}"
    changes = {"name": "name 2"}
    stale = {"If-Match": '"another-version"'}
    assert alice.patch(path, json=changes, headers=stale).status_code == 412
    assert alice.delete(path, headers=stale).status_code == 412
    present = alice.get(path)
    assert present.json() == removed
    fresh = {"If-Match": present.headers["etag"]}
    assert alice.delete(path, headers=fresh).status_code == 204
    assert alice.get(path).status_code == 404
    assert alice.patch(path, json={}).status_code == 404
    assert alice.delete(path).status_code == 404
    assert alice.get("/portfolios").json()["items"] == [kept]


def test_other_methods_are_405(alice: Client) -> None:
    path = f"/portfolios/{create(alice, body())['id']}"
    for url, allowed in (("/portfolios", {"GET", "POST"}), (path, {"GET", "PATCH", "DELETE"})):
        answer = alice.put(url, json={})
        assert answer.status_code == 405, answer.text
        assert allowed <= set(answer.headers["allow"].split(", "))


def test_what_is_taken_is_409(alice: Client, bob: Client) -> None:
    first = body()
    create(alice, first)
    other = create(alice, body(2))
    for field in ("name",):
        taken = {field: first[field]}
        pointers = {f"body/{field}"}
        created = alice.post("/portfolios", json=body(3) | taken)
        changed = alice.patch(f"/portfolios/{other['id']}", json=taken)
        for answer in (created, changed):
            assert answer.status_code == 409, answer.text
            assert pointers & {error["pointer"] for error in answer.json()["errors"]}
    create(bob, body())  # each user has their own


def test_nobody_else_reaches_a_row(alice: Client, bob: Client, visitor: Client) -> None:
    row = create(alice, body())
    path = f"/portfolios/{row['id']}"
    changes = {"name": "name 2"}
    assert bob.get("/portfolios").json()["items"] == []
    for answer in (bob.get(path), bob.patch(path, json=changes), bob.delete(path)):
        assert answer.status_code == 404, answer.text
    for answer in (visitor.get(path), visitor.patch(path, json=changes), visitor.delete(path)):
        assert answer.status_code == 401, answer.text
    assert visitor.get("/portfolios").status_code == 401
    assert visitor.post("/portfolios", json={}).status_code == 401
    assert alice.get(path).json() == row
