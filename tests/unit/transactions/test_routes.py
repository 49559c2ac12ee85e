"""Transactions over HTTP, on both databases."""

from typing import Any

from tests.clients import Client
from tests.unit.transactions.books import Book, trade


def test_create_answers_201_with_location_and_etag(alice: Client) -> None:
    book = Book(alice)
    sent = trade("BUY", fee="1.25", executed_at="2024-01-02T15:30:00+01:00", note="first")
    created = book.post(**sent)
    assert created.status_code == 201, created.text
    row = created.json()
    assert created.headers["location"] == book.row(row)
    read = alice.get(created.headers["location"])
    assert read.json() == row
    assert read.headers["etag"] == created.headers["etag"]
    assert row["type"] == "buy"
    assert row["executed_at"] == "2024-01-02T14:30:00Z"
    assert float(row["net_amount"]) == -1001.25
    assert (row["source"], row["sequence"], row["voided_at"]) == ("manual", 0, None)
    assert book.rows() == [row]


def test_a_missing_or_unknown_field_is_422(alice: Client) -> None:
    book = Book(alice)
    for missing in ("type", "trade_date", "currency"):
        body = {name: value for name, value in trade("buy").items() if name != missing}
        answer = book.post(**body)
        assert answer.status_code == 422, missing
        assert answer.json()["errors"][0]["pointer"] == f"body/{missing}"
    assert book.post(**trade("buy", no_such_field=1)).status_code == 422
    assert alice.get(book.rows_path, params={"no_such": "1"}).status_code == 422


def test_numbers_keep_every_digit(alice: Client) -> None:
    book = Book(alice)
    quantity = "12345678901234567890.123456789012345678"
    row = book.buy(quantity=quantity, price="0.000000000000000001", fee="0.1")
    assert row["quantity"] == quantity
    assert row["price"] == "0.000000000000000001"
    # The exact amount has 36 places, and a rounded one would not be the basis.
    assert row["net_amount"] is None
    (held,) = book.items("holdings")
    assert held["quantity"] == quantity
    assert held["cost_basis"] == "12.445678901234567890123456789012345678"


def test_the_written_price_says_how_far_the_amount_may_be(alice: Client) -> None:
    book = Book(alice)
    assert book.post(**trade("buy", price="100.00", net_amount="-1000.06")).status_code == 201
    assert book.post(**trade("buy", price="100.00", net_amount="-1000.07")).status_code == 422
    assert book.post(**trade("buy", price="100.0", net_amount="-1000.50")).status_code == 201


def test_the_same_external_id_and_content_is_answered_with_the_row(alice: Client) -> None:
    book = Book(alice)
    sent = trade("buy", source="broker", external_id="fill-1")
    row = book.add(**sent)
    again = book.post(**sent, note="not part of what it says")
    assert (again.status_code, again.json()) == (200, row)
    assert again.headers["etag"] == alice.get(book.row(row)).headers["etag"]
    other = book.post(**sent | {"quantity": "11"})
    assert other.status_code == 409
    assert other.json()["errors"][0]["pointer"] == "body/external_id"
    assert book.rows(include_voided=True) == [row]
    elsewhere = book.post(**sent | {"source": "other broker"})
    assert elsewhere.status_code == 201
    assert Book(alice, "Second").post(**sent).status_code == 201


def test_patch_voids_the_row_and_answers_the_one_that_replaces_it(alice: Client) -> None:
    book = Book(alice)
    row = book.buy(external_id="fill-1", note="typed wrong")
    changed = alice.patch(book.row(row), json={"quantity": "12", "note": None})
    assert changed.status_code == 200, changed.text
    new = changed.json()
    assert new["id"] != row["id"]
    assert new["replaces_id"] == row["id"]
    assert float(new["net_amount"]) == -1200
    same = ("portfolio_id", "type", "trade_date", "price", "external_id", "source", "version")
    assert {name: new[name] for name in same} == {name: row[name] for name in same}
    assert alice.get(book.row(row)).status_code == 404
    assert alice.get(book.row(new)).json() == new
    assert book.rows() == [new]
    void, replacement = book.rows(include_voided="true")
    assert replacement == new
    assert (void["id"], void["void_reason"]) == (row["id"], "edited")
    read = alice.get(book.row(row), params={"include_voided": "true"})
    assert read.json() == void


def test_history_has_every_row_that_was_replaced(alice: Client) -> None:
    book = Book(alice)
    other = book.buy(symbol="MSFT")
    rows = [book.buy()]
    for quantity in ("11", "12", "13"):
        answer = alice.patch(book.row(rows[-1]), json={"quantity": quantity})
        rows.append(answer.json())
    assert alice.delete(book.row(rows[-1])).status_code == 204
    for row in rows:
        chain = alice.get(f"{book.row(row)}/history").json()["items"]
        assert [one["id"] for one in chain] == [one["id"] for one in rows]
        reasons = [one["void_reason"] for one in chain]
        assert reasons == ["edited", "edited", "edited", "removed"]
    alone = alice.get(f"{book.row(other)}/history").json()["items"]
    assert alone == [other]


def test_a_patch_without_changes_changes_nothing(alice: Client) -> None:
    book = Book(alice)
    row = book.buy()
    answer = alice.patch(book.row(row), json={})
    assert (answer.status_code, answer.json()) == (200, row)
    assert book.rows(include_voided=True) == [row]


def test_an_edit_keeps_the_place_in_the_order(alice: Client) -> None:
    book = Book(alice)
    first, second = book.buy(price="100"), book.buy(price="200")
    book.sell(quantity="10", price="300")
    before = book.get("realized-gains")["items"][0]["realized_pnl"]
    for row in (first, second):
        answer = alice.patch(book.row(row), json={"price": f"{float(row['price']):.2f}"})
        assert answer.status_code == 200, answer.text
    assert book.get("realized-gains")["items"][0]["realized_pnl"] == before == "2000"


def test_an_amount_that_was_stated_is_not_dropped_by_an_edit(alice: Client) -> None:
    book = Book(alice)
    row = book.buy(price="100.00", net_amount="-1000.02")
    assert alice.patch(book.row(row), json={"quantity": "20"}).status_code == 422
    both = alice.patch(book.row(row), json={"quantity": "20", "net_amount": "-2000.03"})
    assert both.status_code == 200, both.text
    noted = alice.patch(book.row(both.json()), json={"note": "as on the statement"})
    assert float(noted.json()["net_amount"]) == -2000.03


def test_a_stale_if_match_is_412_and_a_void_row_is_gone(alice: Client) -> None:
    book = Book(alice)
    row = book.buy()
    path = book.row(row)
    stale = {"If-Match": '"another-version"'}
    assert alice.patch(path, json={"note": "x"}, headers=stale).status_code == 412
    assert alice.delete(path, headers=stale).status_code == 412
    assert book.rows(include_voided=True) == [row]
    fresh = {"If-Match": alice.get(path).headers["etag"]}
    assert alice.delete(path, headers=fresh).status_code == 204
    assert alice.get(path).status_code == 404
    assert alice.patch(path, json={}).status_code == 404
    assert alice.delete(path).status_code == 404
    assert book.rows() == []
    (void,) = book.rows(include_voided=True)
    assert void["void_reason"] == "removed"


def test_list_comes_in_pages_filtered_and_sorted(alice: Client) -> None:
    book = Book(alice)
    rows = [
        book.buy(trade_date="2024-03-01"),
        book.buy(trade_date="2024-01-01", symbol="MSFT", source="broker"),
        book.add(type="deposit", trade_date="2024-02-01", net_amount="5", currency="USD"),
    ]
    first = book.get("transactions", limit=2)
    assert first["items"] == rows[:2]
    second = book.get("transactions", limit=2, cursor=first["next_cursor"])
    assert second == {"items": rows[2:], "next_cursor": None}
    by_date = book.rows(sort="trade_date")
    assert by_date == [rows[1], rows[2], rows[0]]
    asked: list[tuple[dict[str, Any], list[dict[str, Any]]]] = [
        ({"type": "deposit"}, rows[2:]),
        ({"symbol": "MSFT"}, rows[1:2]),
        ({"symbol__in": "AAPL,MSFT"}, rows[:2]),
        ({"source": "broker"}, rows[1:2]),
        ({"from": "2024-02-01"}, [rows[0], rows[2]]),
        ({"from": "2024-01-01", "to": "2024-02-01"}, rows[1:]),
        ({"trade_date__lt": "2024-02-01"}, rows[1:2]),
    ]
    for parameters, expected in asked:
        assert book.rows(**parameters) == expected, parameters
    assert book.rows(fields="id") == [{"id": row["id"]} for row in rows]
    wrong: list[dict[str, str]] = [{"from": "soon"}, {"include_voided": "perhaps"}]
    for parameters in wrong:
        assert alice.get(book.rows_path, params=parameters).status_code == 422, parameters


def test_other_methods_are_405(alice: Client) -> None:
    book = Book(alice)
    row = book.buy()
    for url, allowed in (
        (book.rows_path, {"GET", "POST"}),
        (book.row(row), {"GET", "PATCH", "DELETE"}),
        (f"{book.row(row)}/history", {"GET"}),
    ):
        answer = alice.put(url, json={})
        assert answer.status_code == 405, answer.text
        assert allowed <= set(answer.headers["allow"].split(", "))


def test_a_deleted_portfolio_takes_its_history_along(alice: Client) -> None:
    book = Book(alice)
    row = book.buy()
    alice.patch(book.row(row), json={"quantity": "12"})
    assert alice.delete(book.path).status_code == 204
    assert alice.get(book.rows_path).status_code == 404
    assert alice.delete("/users/me").status_code == 204


def test_nobody_else_reaches_a_row(alice: Client, bob: Client, visitor: Client) -> None:
    book, of_bob = Book(alice), Book(bob)
    row = book.buy()
    path = book.row(row)
    below_another = f"{of_bob.rows_path}/{row['id']}"
    for url in (path, below_another):
        for client, status in ((bob, 404), (visitor, 401)):
            assert client.get(url).status_code == status
            assert client.get(f"{url}/history").status_code == status
            assert client.patch(url, json={"quantity": "1"}).status_code == status
            assert client.delete(url).status_code == status
    assert bob.get(book.rows_path).status_code == 404
    assert bob.post(book.rows_path, json=trade("buy")).status_code == 404
    assert book.rows(include_voided=True) == [row]
