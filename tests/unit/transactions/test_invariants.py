"""The invariants of portfolio accounting that a client can see, of random portfolios over HTTP.

Where each of the twenty is tested; `ledger` is tests/unit/ledger, and `here` is this file:

 1. Lots make up the holding, and both the transactions: ledger/test_invariants.py
 2. Basis left + basis removed = basis acquired: ledger/test_invariants.py
 3. Gains explain the value, for any prices: ledger/test_invariants.py
 4. A flat portfolio has realized the same under every method: ledger/test_invariants.py
 5. Cash is the sum of net amounts: ledger/test_invariants.py, and of what rows say: here
 6. A file comes once, A then A + B is A + B, n equal rows stay n: here
 7. An export makes the same portfolio: here
 8. The order of insertion does not matter: ledger/test_invariants.py, and of requests: here
 9. A split changes nothing but quantities: ledger/test_invariants.py
10. A sale may be cut in two, a purchase under AVERAGE too: ledger/test_invariants.py
11. Everything scales with prices: ledger/test_invariants.py, rates of return stay:
    ledger/test_return_invariants.py
12. Void and re-create, or edit to equal values, changes no report: here
13. A refused request changes nothing: here, and test_hostile_requests.py
14. Portfolios are apart: here, and each route of another user's: test_isolation.py
15. A report as of a day knows nothing later: ledger/test_invariants.py, and over HTTP: here
16. A deposit moves no other day's return, parts chain to the whole, one unit returns the ratio of
    its prices: ledger/test_return_invariants.py
17. Flows are worth nothing at their rate, which scales and shifts: ledger/test_return_invariants.py
18. Numbers come back as they were sent: here
19. What was realized stays when rows are appended: ledger/test_invariants.py
20. Average cost is between the costs, HIFO removes the most: ledger/test_invariants.py
"""

from collections import Counter
from decimal import Decimal, localcontext
from itertools import count
from random import Random
from typing import Any

import pytest
from httpx2 import Response
from hypothesis import given
from hypothesis import strategies as st

from backend.ledger.exact import EXACT
from backend.ledger.methods import Method
from backend.ledger.statements.outcomes import ReadRow
from tests.clients import Client
from tests.unit.ledger.portfolios import methods
from tests.unit.transactions.books import Book, body_of
from tests.unit.transactions.histories import EXAMPLES, file_of, rows, stored_numbers

_names = count(1)
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
formats = st.sampled_from(("csv", "json"))


def new_book(client: Client, **options: Any) -> Book:
    return Book(client, f"Book {next(_names)}", **options)


def posted(row: ReadRow) -> dict[str, Any]:
    """The body that says what a row of a file says."""
    beside = {"source": row.source, "external_id": row.external_id, "note": row.note}
    return body_of(row.values) | {name: text for name, text in beside.items() if text is not None}


def live(book: Book) -> list[dict[str, Any]]:
    return book.rows(limit=500)


def undated(reports: list[Any]) -> list[Any]:
    """Reports without the day that they are of."""
    return [{name: value for name, value in one.items() if name != "as_of"} for one in reports]


@on_sqlite
@EXAMPLES
@given(said=rows())
def test_cash_is_the_sum_of_what_rows_say(alice: Client, said: list[ReadRow]) -> None:
    book = new_book(alice)
    book.imported(file_of(said))
    expected: Counter[str] = Counter()
    with localcontext(EXACT):
        for row in live(book):
            amount, currency = Decimal(row["net_amount"]), row["currency"]
            if row["settle_currency"]:
                amount, currency = amount * Decimal(row["fx_rate"]), row["settle_currency"]
            expected[currency] += amount  # type: ignore[assignment]  # a counter of decimals
    found = {one["currency"]: Decimal(one["amount"]) for one in book.items("cash")}
    assert found == dict(expected)


@EXAMPLES
@given(said=rows(), at=st.integers(0, 7), twice=st.integers(1, 3), format_=formats)
def test_a_file_comes_once(
    alice: Client, said: list[ReadRow], at: int, twice: int, format_: str
) -> None:
    # Equal purchases: as many more of one row as `twice` says, none of which takes units.
    equal = [row._replace(external_id=None) for row in said if row.values.type == "buy"][:1]
    whole = said + equal * twice
    parts, at_once = new_book(alice), new_book(alice)
    parts.imported(file_of(whole[:at], format_))
    second = parts.imported(file_of(whole, format_))
    assert second["created"] == len(whole) - min(at, len(whole))
    assert at_once.imported(file_of(whole, format_))["created"] == len(whole)
    assert parts.reports() == at_once.reports()
    before = parts.state()
    assert len(live(parts)) == len(whole)
    again = parts.imported(file_of(whole, format_))
    assert (again["created"], again["duplicates"], again["import_id"]) == (0, len(whole), None)
    assert parts.state() == before


@on_sqlite
@EXAMPLES
@given(said=rows(least=2), at=st.integers(0, 7), format_=formats, method=methods)
def test_an_export_makes_the_same_portfolio(
    alice: Client, said: list[ReadRow], at: int, format_: str, method: Method
) -> None:
    book, copy = new_book(alice), new_book(alice)
    for row in said[:at]:
        book.add(**posted(row))
    book.imported(file_of(said[at:]))
    file = book.exported(format_)
    assert copy.imported(file)["created"] == len(said)
    assert copy.reports(method=method) == book.reports(method=method)
    assert copy.exported(format_) == file
    again = book.imported(file)
    assert (again["created"], again["duplicates"]) == (0, len(said))


@on_sqlite
@EXAMPLES
@given(said=rows(least=2), random=st.randoms(use_true_random=False), method=methods)
def test_the_order_of_requests_does_not_matter(
    alice: Client, said: list[ReadRow], random: Random, method: Method
) -> None:
    in_order, shuffled = new_book(alice), new_book(alice)
    in_order.imported(file_of(said))
    waiting = list(said)
    random.shuffle(waiting)
    while waiting:
        # What sells more than there is yet is refused, and sent again later.
        refused = [row for row in waiting if shuffled.post(**posted(row)).status_code == 409]
        assert len(refused) < len(waiting)
        waiting = refused
    assert shuffled.reports(method=method) == in_order.reports(method=method)


@on_sqlite
@EXAMPLES
@given(said=rows(), at=st.integers(0, 6), method=methods)
def test_void_and_create_again_or_an_equal_edit_changes_no_report(
    alice: Client, said: list[ReadRow], at: int, method: Method
) -> None:
    book = new_book(alice)
    made = [book.add(**posted(row)) for row in said]
    before = book.reports(method=method)
    number = at % len(said)
    body = posted(said[number])
    edited = alice.patch(book.row(made[number]), json=body)
    assert edited.status_code == 200, edited.text
    assert book.reports(method=method) == before
    row = edited.json()
    assert len(alice.get(f"{book.row(row)}/history").json()["items"]) == 2
    state = book.state()
    removed = alice.delete(book.row(row))
    if removed.status_code == 409:
        assert book.state() == state
        return
    assert removed.status_code == 204
    book.add(**body)
    assert book.reports(method=method) == before
    assert len(book.rows(include_voided=True)) == len(said) + 2


def sell(book: Book, row: dict[str, Any], data: st.DataObject) -> Response:
    """Try to sell, or to transfer out, on the day of the row."""
    return book.post(**_leaving(row, data))


def sell_in_a_file(book: Book, row: dict[str, Any], data: st.DataObject) -> Response:
    """The same in a file."""
    sale = _leaving(row, data)
    return book.send(f"{','.join(sale)}\n{','.join(sale.values())}\n")


def edit(book: Book, row: dict[str, Any], data: st.DataObject) -> Response:
    """Try to edit the row."""
    return book.client.patch(book.row(row), json=data.draw(st.sampled_from(EDITS)))


def void(book: Book, row: dict[str, Any], _data: st.DataObject) -> Response:
    """Try to void the row."""
    return book.client.delete(book.row(row))


def _leaving(row: dict[str, Any], data: st.DataObject) -> dict[str, str]:
    return {
        "type": data.draw(st.sampled_from(("sell", "transfer_out"))),
        "trade_date": row["trade_date"],
        "symbol": row["symbol"] or "AAA",
        "currency": "USD",
        "quantity": data.draw(st.sampled_from(("0.000001", "500", "100000"))),
        "net_amount": "0",
    }


TRIES = (sell, sell_in_a_file, edit, void)
EDITS: tuple[dict[str, str], ...] = (
    {"quantity": "0.000001"},
    {"trade_date": "2024-03-01"},
    {"symbol": "CCC"},
    {"type": "sell"},
    {"net_amount": "1"},
)


@on_sqlite
@EXAMPLES
@given(said=rows(least=2), data=st.data())
def test_what_is_refused_changes_nothing_and_no_other_portfolio_changes(
    alice: Client, bob: Client, said: list[ReadRow], data: st.DataObject
) -> None:
    book, other, of_bob = new_book(alice), new_book(alice), new_book(bob)
    for one in (book, other, of_bob):
        one.imported(file_of(said))
    others = [other.state(), of_bob.state()]
    for row in live(book)[:3]:
        before = book.state()
        answer = data.draw(st.sampled_from(TRIES))(book, row, data)
        assert answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            assert book.state() == before
    assert [other.state(), of_bob.state()] == others


@on_sqlite
@EXAMPLES
@given(said=rows(least=2), at=st.integers(0, 6))
def test_a_report_as_of_a_day_knows_nothing_later(
    alice: Client, said: list[ReadRow], at: int
) -> None:
    day = said[at % len(said)].values.trade_date
    book, until = new_book(alice), new_book(alice)
    book.imported(file_of(said))
    until.imported(file_of([row for row in said if row.values.trade_date <= day]))
    assert undated(book.reports(as_of=day.isoformat())) == undated(until.reports())
    last = said[-1].values.trade_date.isoformat()
    assert undated(book.reports(as_of=last)) == undated(book.reports())


@EXAMPLES
@given(
    numbers=st.fixed_dictionaries(
        {name: stored_numbers() for name in ("quantity", "price", "multiplier", "fx_rate")}
        | {name: stored_numbers(smallest=Decimal(-(10**20) + 1)) for name in ("fee", "tax")}
    ),
    amount=stored_numbers(),
    format_=formats,
)
def test_numbers_come_back_as_they_were_sent(
    alice: Client, numbers: dict[str, Decimal], amount: Decimal, format_: str
) -> None:
    book, copy = new_book(alice), new_book(alice)
    when = {"trade_date": "2024-01-02", "currency": "USD"}
    texts = {name: f"{number:f}" for name, number in numbers.items()}
    bought = book.add(type="buy", symbol="AAA", settle_currency="EUR", **when, **texts)
    paid = book.add(type="deposit", net_amount=f"{amount:f}", **when)
    changed = alice.patch(book.row(bought), json={"note": "changed"})
    assert changed.status_code == 200, changed.text
    copy.imported(book.exported(format_))
    for rows_ in (book.rows(), copy.rows()):
        for row in rows_:
            if row["type"] == "buy":
                assert {name: Decimal(row[name]) for name in numbers} == numbers
            else:
                assert Decimal(row["net_amount"]) == amount
    assert alice.get(book.row(paid)).json() == paid
    (held,) = book.items("holdings")
    assert Decimal(held["quantity"]) == numbers["quantity"]
