"""Portfolios as a client keeps them."""

from decimal import Decimal
from typing import Any

from httpx2 import Response

from backend.ledger.entries import Entry
from tests.clients import Client


class Book:
    """A portfolio of one client, and what is asked about it."""

    def __init__(self, client: Client, name: str = "Main", **options: Any) -> None:
        self.client = client
        created = client.post("/portfolios", json={"name": name, "base_currency": "USD"} | options)
        assert created.status_code == 201, created.text
        self.path = f"/portfolios/{created.json()['id']}"
        self.rows_path = f"{self.path}/transactions"

    def post(self, **fields: Any) -> Response:
        """The answer to a new transaction."""
        return self.client.post(self.rows_path, json=fields)

    def add(self, **fields: Any) -> dict[str, Any]:
        """The row that the API makes of a new transaction."""
        answer = self.post(**fields)
        assert answer.status_code == 201, answer.text
        row: dict[str, Any] = answer.json()
        return row

    def buy(self, quantity: str = "10", price: str = "100", **fields: Any) -> dict[str, Any]:
        """A purchase."""
        return self.add(**trade("buy", quantity=quantity, price=price, **fields))

    def sell(self, quantity: str = "10", price: str = "100", **fields: Any) -> dict[str, Any]:
        """A sale."""
        return self.add(**trade("sell", quantity=quantity, price=price, **fields))

    def row(self, row: dict[str, Any]) -> str:
        """The path of a row."""
        return f"{self.rows_path}/{row['id']}"

    def items(self, path: str, **parameters: Any) -> list[dict[str, Any]]:
        """The items of a list or report."""
        found: list[dict[str, Any]] = self.get(path, **parameters)["items"]
        return found

    def get(self, path: str, **parameters: Any) -> dict[str, Any]:
        """A report."""
        answer = self.client.get(f"{self.path}/{path}", params=parameters)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def rows(self, **parameters: Any) -> list[dict[str, Any]]:
        """The first page of the transactions."""
        return self.items("transactions", **parameters)

    def send(self, file: str | bytes, **parameters: Any) -> Response:
        """The answer to a file that is to be imported."""
        return self.client.post(
            f"{self.rows_path}/import",
            content=file,
            params=parameters,
            headers={"Content-Type": "text/csv"},
        )

    def imported(self, file: str | bytes, **parameters: Any) -> dict[str, Any]:
        """What became of a file."""
        answer = self.send(file, **parameters)
        assert answer.status_code == 200, answer.text
        report: dict[str, Any] = answer.json()
        return report

    def exported(self, format_: str = "csv") -> bytes:
        """The portfolio as a file."""
        answer = self.client.get(f"{self.rows_path}/export", params={"format": format_})
        assert answer.status_code == 200, answer.text
        content: bytes = answer.content
        return content

    def reports(self, **parameters: Any) -> list[Any]:
        """All that is reported, without what names rows."""
        cash = {name: value for name, value in parameters.items() if name != "method"}
        days = {"as_of": "to"}
        gains = {days.get(name, name): value for name, value in parameters.items()}
        return [
            _without_ids(self.get("holdings", include_closed=True, **parameters)),
            _without_ids(self.get("lots", **parameters)),
            _without_ids(self.get("realized-gains", **gains)),
            self.get("cash", **cash),
        ]

    def state(self) -> list[Any]:
        """All that there is: the portfolio, its rows, also void ones, and its reports."""
        portfolio = self.client.get(self.path).json()
        return [portfolio, self.rows(include_voided=True, limit=500), *self.reports()]


def _without_ids(found: Any) -> Any:  # Any: of JSON
    if isinstance(found, dict):
        return {k: _without_ids(v) for k, v in found.items() if k not in ("id", "opened_by")}
    return [_without_ids(one) for one in found] if isinstance(found, list) else found


def trade(kind: str, **fields: Any) -> dict[str, Any]:
    """The body of a purchase or sale, of ten shares of AAPL at 100 unless it says otherwise."""
    default = {"trade_date": "2024-01-02", "symbol": "AAPL", "quantity": "10", "price": "100"}
    return {"type": kind, "currency": "USD", **default, **fields}


def body_of(entry: Entry) -> dict[str, Any]:
    """What a client sends to add an entry."""
    body: dict[str, Any] = {}
    for name, value in entry._asdict().items():
        if name == "id" or value is None:
            continue
        if isinstance(value, Decimal):
            body[name] = f"{value:f}"
        elif hasattr(value, "isoformat"):
            body[name] = value.isoformat()
        else:
            body[name] = value
    return body


def performance(book: Book, start: str, end: str, **prices: Any) -> dict[str, Any]:
    """A report of performance, whose attribution has to add up exactly."""
    (currency,) = {row["currency"] for row in book.rows()}
    sent = {"from": start, "to": end, "base_currency": currency, **prices}
    answer = book.client.post(f"{book.path}/performance", json=sent)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert (found["from"], found["to"]) == (start, end)
    assert found["convention"]
    assert found["missing_prices"] == found["missing_rates"] == []
    made = {name: Decimal(amount) for name, amount in found["attribution"].items()}
    less = made.pop("final_value") + made.pop("fees") + made.pop("taxes")
    assert sum(made.values()) == less
    return found


def flow(book: Book, on: str, amount: Decimal) -> None:
    """Cash that comes in, or leaves."""
    if amount:
        kind = "deposit" if amount > 0 else "withdrawal"
        book.add(type=kind, trade_date=on, currency="EUR", net_amount=f"{amount:f}")


def earn(book: Book, on: str, amount: Decimal) -> None:
    """Cash that is earned, or lost."""
    if amount:
        book.add(type="interest", trade_date=on, currency="EUR", net_amount=f"{amount:f}")
