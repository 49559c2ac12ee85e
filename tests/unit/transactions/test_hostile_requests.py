"""Whatever is sent, the answer is a report or a problem, and what was refused changed nothing.

One portfolio for all of it, on both databases.
"""

import json
from typing import Any, Final

from httpx2 import Response

from tests.clients import Client
from tests.unit.transactions.books import Book, trade

BIG: Final = "99999999999999999999.999999999999999999"
TINY: Final = "0.000000000000000001"
SPLIT: Final = {"type": "split", "price": None, "quantity": None}

REFUSED: Final[list[tuple[dict[str, object], str]]] = [
    ({"type": None}, "type"),
    ({"type": "gift"}, "type"),
    ({"type": "split"}, "ratio_numerator"),
    ({"type": "deposit"}, "symbol"),
    ({"trade_date": "2024-01-02T10:00:00Z"}, "trade_date"),
    ({"trade_date": "02/01/2024"}, "trade_date"),
    ({"trade_date": "2024-02-30"}, "trade_date"),
    ({"trade_date": "0001-01-01"}, "trade_date"),
    ({"trade_date": "9999-12-31"}, "trade_date"),
    ({"trade_date": 0}, "trade_date"),
    ({"executed_at": "2024-01-02T10:00:00"}, "executed_at"),
    ({"executed_at": "0001-01-01T00:00:00+14:00"}, "executed_at"),
    ({"executed_at": "9999-12-31T23:59:59Z"}, "executed_at"),
    ({"sequence": 2**31}, "sequence"),
    ({"sequence": 1.5}, "sequence"),
    ({"symbol": None}, "symbol"),
    ({"symbol": ""}, "symbol"),
    ({"symbol": " AAPL"}, "symbol"),
    ({"symbol": "A" * 65}, "symbol"),
    ({"symbol": "A\x01B"}, "symbol"),
    ({"symbol": "A\tB"}, "symbol"),
    ({"symbol": "A\n"}, "symbol"),
    ({"symbol": "\u202eAAPL"}, "symbol"),
    ({"symbol": "A\u2028B"}, "symbol"),
    ({"symbol": {}}, "symbol"),
    ({"quantity": "0"}, "quantity"),
    ({"quantity": "-1"}, "quantity"),
    ({"quantity": 10}, "quantity"),
    ({"quantity": True}, "quantity"),
    ({"quantity": ["1"]}, "quantity"),
    ({"quantity": "0.0000000000000000001"}, "quantity"),
    ({"quantity": "100000000000000000000"}, "quantity"),
    ({"quantity": "NaN"}, "quantity"),
    ({"quantity": "-Infinity"}, "quantity"),
    ({"quantity": "1e3"}, "quantity"),
    ({"quantity": "1e999999999"}, "quantity"),
    ({"quantity": "1_0"}, "quantity"),
    ({"quantity": "\u0661\u0660"}, "quantity"),
    ({"price": "-0.01"}, "price"),
    ({"price": None}, "price"),
    ({"net_amount": "-1100.00"}, "net_amount"),
    ({"net_amount": BIG}, "net_amount"),
    ({"currency": "usd"}, "currency"),
    ({"currency": ""}, "currency"),
    ({"currency": "ABCDEFGHIJK"}, "currency"),
    ({"currency": "GBX"}, "currency"),
    ({"settle_currency": "GBX", "fx_rate": "1"}, "settle_currency"),
    ({"settle_currency": "EUR"}, "fx_rate"),
    ({"settle_currency": "EUR", "fx_rate": "0"}, "fx_rate"),
    ({"settle_currency": "USD", "fx_rate": "2"}, "fx_rate"),
    ({"multiplier": "0"}, "multiplier"),
    ({"ratio_numerator": 2}, "ratio_numerator"),
    (SPLIT | {"ratio_numerator": 0, "ratio_denominator": 1}, "ratio_numerator"),
    (SPLIT | {"ratio_numerator": 1, "ratio_denominator": 0}, "ratio_denominator"),
    (SPLIT | {"ratio_numerator": -2, "ratio_denominator": 1}, "ratio_numerator"),
    (SPLIT | {"ratio_numerator": 10**20, "ratio_denominator": 1}, "ratio_numerator"),
    ({"source": ""}, "source"),
    ({"source": "x" * 41}, "source"),
    ({"external_id": "x" * 201}, "external_id"),
    ({"external_id": " x"}, "external_id"),
    ({"external_id": "x\r\ny"}, "external_id"),
    ({"note": "x" * 1001}, "note"),
    ({"import_id": "00000000-0000-0000-0000-000000000000"}, "import_id"),
]

TAKEN: Final[list[dict[str, object]]] = [
    {"quantity": BIG, "price": BIG, "multiplier": BIG, "fee": BIG, "tax": BIG},
    {"quantity": TINY, "price": TINY, "multiplier": TINY},
    {"quantity": TINY, "price": None, "net_amount": f"-{BIG}"},
    {"quantity": BIG, "price": BIG, "settle_currency": "EUR", "fx_rate": BIG},
    {"fx_rate": "1.5"},
    {"trade_date": "1900-01-01"},
    {"trade_date": "2199-12-31", "executed_at": "2199-12-31T23:59:59.999999Z"},
    {"sequence": -(2**31), "executed_at": "1999-01-01T00:00:00Z"},
    {"symbol": "\U0001f680"},
    {"symbol": "aapl"},
    {"symbol": "A B/C"},
    {"symbol": "'; --"},
    {"currency": "1INCH"},
    SPLIT | {"ratio_numerator": 2**31 - 1, "ratio_denominator": 1},
    SPLIT | {"ratio_numerator": 1, "ratio_denominator": 2**31 - 1},
    SPLIT | {"ratio_numerator": 2**31 - 1, "ratio_denominator": 2**31 - 2},
    {"type": "transfer_out", "quantity": TINY, "price": None, "fee": f"-{BIG}"},
    {"type": "return_of_capital", "quantity": None, "price": None, "net_amount": BIG},
]

QUERIES: Final[dict[str, tuple[str, ...]]] = {
    "holdings": (
        *("as_of=garbage", "as_of=", "as_of=0", "as_of=2024-13-01", "as_of=10000-01-01"),
        *("as_of=%00", "as_of=%FF", "as_of=2024-01-01&as_of=2024-01-02"),
        *("method=foo", "method=", "include_closed=perhaps", "no_such=1"),
    ),
    "lots": ("symbol=", "symbol=A%00", "symbol=%09", f"symbol={'A' * 65}", "method=foo"),
    "realized-gains": ("from=x", "to=x", "from=2024-02-01&to=2024-01-01", "as_of=2024-01-01"),
    "cash": ("as_of=x", "method=fifo"),
    "transactions/export": ("format=xml", "as_of=2024-01-01"),
    "transactions": (
        *("cursor=abc", "cursor=WyJ4Il0", "limit=0", "limit=-1", "limit=501", "sort=price"),
        *("type=gift", "import_id=x", "symbol=%00", "trade_date__gte=0", "trade_date=2024"),
        *("from=soon", "to=20240101", "from=2024-01-01&trade_date__gte=2024-01-01", "from"),
        *("include_voided=", "include_voided=true&include_voided=true", "fields=nope"),
        *("search=x", "price=1", f"symbol__in={','.join('A' * 101)}"),
    ),
}

VALUATIONS: Final[list[dict[str, object]]] = [
    {"as_of": "soon"},
    {"base_currency": "GBX"},
    {"prices": {"AAPL": "-1"}},
    {"prices": {"AAPL": 1}},
    {"prices": {"AAPL": "NaN"}},
    {"prices": {"": "1"}},
    {"prices": {"A\x00": "1"}},
    {"prices": {"AAPL": {"2024-01-01": "1"}}},
    {"prices": []},
    {"fx": {"eur": {}}},
    {"fx": {"EUR": {"2024-01-01": "0"}}},
    {"fx": {"EUR": {"yesterday": "1"}}},
    {"fx": {"EUR": "one"}},
    {"base_currency": "x"},
    {"method": "foo"},
]

PERFORMANCES: Final[list[dict[str, object]]] = [
    {"from": "2024-04-01"},
    {"from": "0001-01-01", "to": "0001-01-05"},
    {"from": "0001-01-02", "to": "9999-12-31"},
    {"prices": {"AAPL": "1"}},
    {"prices": {"AAPL": {"soon": "1"}}},
    {"prices": {"AAPL": {"2024-01-01": "-1"}}},
]


def require_problem(answer: Response, status: int) -> dict[str, Any]:
    """What a refusal says."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    return problem


def pointers(answer: Response) -> set[str]:
    return {error["pointer"] for error in require_problem(answer, 422)["errors"]}


def test_no_refused_row_is_kept_or_changes_another(alice: Client) -> None:
    book = Book(alice)
    row = book.buy()
    before = book.state()
    for changes, field in REFUSED:
        assert f"body/{field}" in pointers(book.post(**trade("buy", **changes))), changes
        edited = alice.patch(book.row(row), json=changes)
        assert f"body/{field}" in pointers(edited), changes
    assert book.state() == before


def test_extreme_rows_are_kept_and_reported(alice: Client) -> None:
    book = Book(alice)
    for fields in TAKEN:
        held = book.buy()
        row = book.add(**trade("buy", **{"trade_date": "2024-01-03"} | fields))
        for method in ("hifo", "average"):
            book.reports(method=method)
        market = {"prices": {"AAPL": BIG}, "fx": {"EUR": {"2024-01-01": BIG}}}
        valued = alice.post(f"{book.path}/valuation", json={"as_of": "9999-12-31"} | market)
        assert valued.status_code == 200, (fields, valued.text)
        market["prices"] = {"AAPL": {"2024-01-01": TINY, "2024-01-04": BIG}}
        days = {"from": "2023-12-31", "to": "2024-01-05"}
        measured = alice.post(f"{book.path}/performance", json=days | market)
        assert measured.status_code == 200, (fields, measured.text)
        for one in (row, held):
            assert alice.delete(book.row(one)).status_code == 204, fields
    assert book.items("holdings") == []


def test_what_cannot_be_asked_is_422_and_names_the_parameter(alice: Client) -> None:
    book = Book(alice)
    book.buy()
    for path, queries in QUERIES.items():
        for query in queries:
            found = pointers(alice.get(f"{book.path}/{path}?{query}"))
            assert all(pointer.startswith("query") for pointer in found), query
    asked = alice.get(f"{book.rows_path}?from=soon")
    assert pointers(asked) == {"query/from"}
    swapped = alice.get(f"{book.path}/realized-gains?from=2024-02-01&to=2024-01-01")
    assert pointers(swapped) == {"query/to"}


def test_what_cannot_be_measured_is_422(alice: Client) -> None:
    book = Book(alice)
    book.buy()
    valued = {"as_of": "2024-02-01", "prices": {}}
    measured = {"from": "2024-01-01", "to": "2024-02-01", "prices": {}}
    for path, sent, cases in (
        ("valuation", valued, VALUATIONS),
        ("performance", measured, PERFORMANCES),
    ):
        assert alice.post(f"{book.path}/{path}", json=sent).status_code == 200
        for changes in cases:
            answer = alice.post(f"{book.path}/{path}", json=sent | changes)
            assert answer.status_code == 422, (path, changes, answer.text)
            require_problem(answer, 422)


def test_bodies_that_are_no_transaction(alice: Client) -> None:
    book = Book(alice)
    before = book.state()
    valid = json.dumps(trade("buy"))
    bodies: list[tuple[bytes, int]] = [
        (b"", 422),
        (b"null", 422),
        (b"[]", 422),
        (b"{", 422),
        (b"\xff\xfe", 422),
        (json.dumps(trade("buy", quantity=float("nan"))).encode(), 422),
        (json.dumps(trade("buy", symbol="\ud800")).encode(), 422),
        (f'{valid[:-1]}, "quantity": "-5"}}'.encode(), 422),
        (b'{"sequence": ' + b"9" * 5000 + b"}", 400),
        (b"[" * 100_000, 400),
        (b'{"note": "' + b"x" * 10_000_000 + b'"}', 413),
    ]
    for body, status in bodies:
        for path in (book.rows_path, f"{book.path}/valuation", f"{book.path}/performance"):
            json_type = {"Content-Type": "application/json"}
            answer = alice.post(path, content=body, headers=json_type)
            # A number that is no transaction's is no valuation's either, but elsewhere wrong.
            assert answer.status_code == status, (body[:40], path, answer.text)
            require_problem(answer, status)
    text = alice.post(book.rows_path, content=valid, headers={"Content-Type": "text/plain"})
    require_problem(text, 415)
    assert book.state() == before


def test_a_text_in_a_file_that_no_database_stores_makes_its_row_invalid(alice: Client) -> None:
    book = Book(alice)
    row = {"type": "deposit", "trade_date": "2024-01-02", "currency": "USD", "net_amount": "5"}
    fields = ("note", "external_id", "source")
    wrong = [row | {field: text} for field in fields for text in ("a\x00b", "\ud800")]
    report = book.imported(json.dumps([row, *wrong]))
    assert (report["created"], report["invalid"]) == (1, len(wrong))
    assert "surrogate" in report["items"][-1]["reason"]
    assert book.items("cash") == [{"currency": "USD", "amount": "5"}]
