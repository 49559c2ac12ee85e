"""Whose portfolio it is: on both databases."""

from typing import Any, Final

from httpx2 import Response

from tests.clients import Client
from tests.unit.transactions.books import Book, trade

BODIES: Final[dict[tuple[str, str], Any]] = {
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

FILE: Final = "type,trade_date,symbol,quantity,price,currency\nbuy,2024-01-02,AAPL,1,5,USD\n"


def routes_of_portfolios(client: Client) -> list[tuple[str, str, dict[str, Any]]]:
    """Each route below a portfolio, as the document has it."""
    document = client.get("/openapi.json").json()
    return [
        (method.upper(), path, operation)
        for path, operations in document["paths"].items()
        if path.startswith("/portfolios/")
        for method, operation in operations.items()
    ]


def id_of(book: Book) -> str:
    """The id of the portfolio."""
    return book.path.rpartition("/")[2]


def kept(book: Book) -> list[Any]:
    """What is stored of a portfolio; all else is made of it."""
    return [book.client.get(book.path).json(), book.rows(include_voided=True)]


class Sent:
    """One request, for whoever sends it."""

    def __init__(self, method: str, path: str, operation: dict[str, Any]) -> None:
        self._method = method
        self._path = path
        content = operation.get("requestBody", {}).get("content", {})
        self._body: dict[str, Any] = {}
        if "application/json" in content:
            self._body = {"json": BODIES[method, path]}
        elif content:
            self._body = {"content": FILE}

    def by(self, client: Client, ids: dict[str, str]) -> Response:
        """The answer to a client."""
        return client.request(self._method, self._path.format(**ids), **self._body)


def test_no_route_reveals_or_changes_another_users_portfolio(alice: Client, bob: Client) -> None:
    of_bob, another = Book(bob), Book(alice, "Another")
    routes = routes_of_portfolios(alice)
    assert set(BODIES) < {(method, path) for method, path, _ in routes}
    for number, (method, path, operation) in enumerate(routes):
        book = Book(alice, f"Book {number}")
        report = book.imported(FILE)
        ids = {
            "portfolio_id": id_of(book),
            "transaction_id": report["items"][0]["transaction_id"],
            "import_id": report["import_id"],
        }
        sent, before = Sent(method, path, operation), kept(book)
        answer = sent.by(bob, ids)
        assert answer.status_code == 404, (method, path, answer.text)
        if path.count("{") > 1:
            for client, elsewhere in ((bob, of_bob), (alice, another)):
                below = sent.by(client, ids | {"portfolio_id": id_of(elsewhere)})
                assert below.status_code == 404, (method, path, below.text)
        assert kept(book) == before, (method, path)
        # It is the owner alone that makes the difference.
        own = sent.by(alice, ids)
        assert own.is_success, (method, path, own.text)
    assert of_bob.rows(include_voided=True) == another.rows(include_voided=True) == []
    assert [row["name"] for row in bob.get("/portfolios").json()["items"]] == ["Main"]


def test_lots_of_another_portfolio_are_never_sold(alice: Client) -> None:
    first, second = Book(alice, "First"), Book(alice, "Second")
    first.buy()
    answer = second.post(**trade("sell"))
    assert answer.status_code == 409
    assert answer.json()["available"] == "0"
