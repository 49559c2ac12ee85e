"""Whose portfolio it is, and who is first: on both databases."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from fastapi import FastAPI

from tests.clients import Client
from tests.unit.transactions.books import Book, trade

SELLERS = 16
BODIES: dict[tuple[str, str], Any] = {
    ("PATCH", "/portfolios/{portfolio_id}"): {"name": "Mine now"},
    ("POST", "/portfolios/{portfolio_id}/transactions"): trade("buy"),
    ("PATCH", "/portfolios/{portfolio_id}/transactions/{transaction_id}"): {"quantity": "1"},
    ("POST", "/portfolios/{portfolio_id}/valuation"): {"as_of": "2024-02-01", "prices": {}},
    ("POST", "/portfolios/{portfolio_id}/performance"): {
        "from": "2024-01-01",
        "to": "2024-02-01",
        "prices": {},
    },
}
"""What is sent to each route that takes JSON: a new route has to be written down here."""


def routes_of_portfolios(client: Client) -> list[tuple[str, str, dict[str, Any]]]:
    """Each route with a portfolio in its path, as the document has it."""
    document = client.get("/openapi.json").json()
    return [
        (method.upper(), path, operation)
        for path, operations in document["paths"].items()
        if "{portfolio_id}" in path
        for method, operation in operations.items()
    ]


def test_no_route_reveals_or_changes_another_users_portfolio(alice: Client, bob: Client) -> None:
    book, of_bob = Book(alice), Book(bob)
    rows = [book.buy(), book.sell(quantity="4", trade_date="2024-01-03")]
    before = book.state()
    seen = set()
    for method, path, operation in routes_of_portfolios(alice):
        seen.add((method, path))
        body = operation.get("requestBody", {}).get("content", {})
        takes_json = "application/json" in body
        sent = {"json": BODIES[method, path]} if takes_json else {}
        ids = {
            "portfolio_id": book.path.rpartition("/")[2],
            "transaction_id": rows[0]["id"],
            "import_id": str(UUID(int=1)),
        }
        answer = bob.request(method, path.format(**ids), **sent)
        assert answer.status_code == 404, (method, path, answer.text)
        if "{transaction_id}" in path:
            ids["portfolio_id"] = of_bob.path.rpartition("/")[2]
            below = bob.request(method, path.format(**ids), **sent)
            assert below.status_code == 404, (method, path, below.text)
    assert set(BODIES) <= seen
    assert book.state() == before
    assert of_bob.rows(include_voided=True) == []


def test_lots_of_another_portfolio_are_never_sold(alice: Client) -> None:
    first, second = Book(alice, "First"), Book(alice, "Second")
    first.buy()
    answer = second.post(**trade("sell"))
    assert answer.status_code == 409
    assert answer.json()["available"] == "0"


def test_of_sixteen_sales_of_the_same_shares_one_succeeds(app: FastAPI, alice: Client) -> None:
    book = Book(alice)
    book.buy()

    def sell(_number: int) -> int:
        client = Client(app)
        client.headers["Authorization"] = alice.headers["Authorization"]
        answer = client.post(book.rows_path, json=trade("sell", trade_date="2024-01-03"))
        return answer.status_code

    with ThreadPoolExecutor(SELLERS) as pool:
        statuses = sorted(pool.map(sell, range(SELLERS)))
    assert statuses == [201] + [409] * (SELLERS - 1)
    assert book.get("holdings")["items"] == []
    assert len(book.rows(include_voided=True)) == 2
