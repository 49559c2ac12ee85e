"""Units that leave must be there, over the whole later timeline: on both databases."""

from typing import Any

from tests.clients import Client
from tests.unit.transactions.books import Book, trade


def refused(answer: Any) -> dict[str, Any]:
    """What the problem says of the first row that breaks."""
    assert answer.status_code == 409, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    named = ("symbol", "date", "available", "requested", "missing", "transaction_id")
    return {name: problem[name] for name in named}


def test_a_sale_of_more_than_there_is(alice: Client) -> None:
    book = Book(alice)
    book.buy(quantity="10")
    found = refused(book.post(**trade("sell", quantity="10.5", trade_date="2024-01-03")))
    assert found == {
        "symbol": "AAPL",
        "date": "2024-01-03",
        "available": "10",
        "requested": "10.5",
        "missing": "0.5",
        "transaction_id": None,
    }
    assert len(book.rows(include_voided=True)) == 1


def test_a_backdated_sale_breaks_a_later_one(alice: Client) -> None:
    book = Book(alice)
    book.buy(quantity="10", trade_date="2024-01-02")
    later = book.sell(quantity="8", trade_date="2024-03-01")
    found = refused(book.post(**trade("sell", quantity="5", trade_date="2024-02-01")))
    assert found["transaction_id"] == later["id"]
    assert (found["date"], found["available"], found["missing"]) == ("2024-03-01", "5", "3")
    before_the_purchase = trade("sell", quantity="1", trade_date="2024-01-01")
    assert refused(book.post(**before_the_purchase))["available"] == "0"


def test_an_edit_or_a_void_that_takes_sold_units_away(alice: Client) -> None:
    book = Book(alice)
    bought = book.buy(quantity="10")
    sold = book.sell(quantity="8", trade_date="2024-03-01")
    path = book.row(bought)
    assert refused(alice.patch(path, json={"quantity": "7"}))["transaction_id"] == sold["id"]
    assert refused(alice.patch(path, json={"symbol": "MSFT"}))["transaction_id"] == sold["id"]
    moved = alice.patch(path, json={"trade_date": "2024-03-02"})
    assert refused(moved)["transaction_id"] == sold["id"]
    assert refused(alice.delete(path))["missing"] == "8"
    grown = alice.patch(book.row(sold), json={"quantity": "11"})
    assert refused(grown)["transaction_id"] == sold["id"]
    assert book.rows(include_voided=True) == [bought, sold]
    assert alice.patch(path, json={"quantity": "8"}).status_code == 200
    assert alice.delete(book.row(sold)).status_code == 204


def test_a_split_that_leaves_too_few(alice: Client) -> None:
    book = Book(alice)
    book.buy(quantity="10")
    sold = book.sell(quantity="8", trade_date="2024-03-01")
    split = {"type": "split", "symbol": "AAPL", "currency": "USD"}
    halved = split | {"ratio_numerator": 1, "ratio_denominator": 2, "trade_date": "2024-02-01"}
    assert refused(book.post(**halved))["transaction_id"] == sold["id"]
    assert book.post(**halved | {"trade_date": "2024-03-02"}).status_code == 201


def test_the_numbers_have_all_their_digits(alice: Client) -> None:
    book = Book(alice)
    book.buy(quantity="12345678901234567890.123456789012345678", price="1")
    more = trade("sell", quantity="22345678901234567890.1", trade_date="2024-01-03")
    found = refused(book.post(**more))
    assert found["available"] == "12345678901234567890.123456789012345678"
    assert found["requested"] == "22345678901234567890.1"
    assert found["missing"] == "9999999999999999999.976543210987654322"


def test_another_symbol_or_cash_is_not_looked_at(alice: Client) -> None:
    book = Book(alice)
    book.buy()
    assert refused(book.post(**trade("sell", symbol="MSFT")))["symbol"] == "MSFT"
    paid = book.post(type="withdrawal", trade_date="2024-01-03", net_amount="-5", currency="USD")
    assert paid.status_code == 201


def test_what_is_over_by_dust_closes_exactly(alice: Client) -> None:
    book = Book(alice)
    book.buy(quantity="1")
    too_much = book.post(**trade("sell", quantity="1.00000000001", trade_date="2024-01-03"))
    assert too_much.status_code == 409
    book.sell(quantity="1.000000000001", trade_date="2024-01-03")
    assert book.items("holdings") == []
    (closed,) = book.items("holdings", include_closed=True)
    assert (closed["quantity"], closed["cost_basis"]) == ("0", "0")


def test_shorts_only_where_the_portfolio_allows_them(alice: Client) -> None:
    book = Book(alice, allow_short=True)
    sold = book.sell(quantity="5")
    (held,) = book.items("holdings")
    assert (held["quantity"], held["cost_basis"]) == ("-5", "-500")
    out = book.post(
        type="transfer_out", trade_date="2024-01-03", symbol="AAPL", quantity="1", currency="USD"
    )
    assert refused(out)["available"] == "0"
    assert alice.patch(book.path, json={"allow_short": False}).status_code == 200
    # What was allowed stays, and is reported; it is not added to.
    assert book.items("holdings") == [held]
    assert book.post(**trade("sell", trade_date="2024-01-03")).status_code == 409
    # What moves no units may be edited.
    path = book.row(sold)
    assert alice.patch(path, json={"quantity": "4"}).status_code == 409
    assert alice.patch(path, json={"note": "borrowed", "price": "99"}).status_code == 200
    assert book.post(**trade("buy", quantity="5", trade_date="2024-01-04")).status_code == 201


def test_splits_that_go_too_far(alice: Client) -> None:
    book = Book(alice)
    largest = {"ratio_numerator": 2**31 - 1, "ratio_denominator": 1}
    split = {"type": "split", "symbol": "AAPL", "currency": "USD", **largest}
    first = book.add(**split, trade_date="2024-01-03")
    again = {**split, "trade_date": "2024-01-05"}
    problem = book.post(**again)
    assert problem.status_code == 409, problem.text
    assert "more than 1000000000000000000 units of one" in problem.json()["detail"]
    assert problem.json()["transaction_id"] is None
    # One that goes back between them makes room, which it must not leave.
    back = {"ratio_numerator": 1, "ratio_denominator": 1000}
    between = book.add(**{**split, **back, "trade_date": "2024-01-04"})
    second = book.add(**again)
    there = [first, between, second]
    for refused in (
        alice.delete(book.row(between)),
        alice.patch(book.row(between), json={"ratio_denominator": 1}),
        alice.patch(book.row(between), json={"trade_date": "2024-01-06"}),
    ):
        assert refused.status_code == 409, refused.text
        assert refused.json()["transaction_id"] == second["id"]
        assert (refused.json()["symbol"], refused.json()["date"]) == ("AAPL", "2024-01-05")
    file = "type,date,symbol,ratio_numerator,ratio_denominator\n"
    answer = book.send(f"{file}split,2024-01-07,MSFT,10,1\n" + "split,2024-01-06,AAPL,9999,1\n")
    assert answer.status_code == 409, answer.text
    assert (answer.json()["line"], answer.json()["symbol"]) == (3, "AAPL")
    assert book.rows(include_voided=True) == there


def test_an_import_is_not_undone_whose_split_others_need(alice: Client) -> None:
    book = Book(alice)
    file = "type,date,symbol,ratio_numerator,ratio_denominator\nsplit,2024-01-04,AAPL,1,1000\n"
    done = book.imported(file)
    for day in ("2024-01-03", "2024-01-05"):
        terms = {"ratio_numerator": 2**31 - 1, "ratio_denominator": 1}
        book.add(type="split", symbol="AAPL", trade_date=day, **terms)
    answer = alice.delete(f"{book.path}/imports/{done['import_id']}")
    assert (answer.status_code, answer.json()["date"]) == (409, "2024-01-05")
    assert len(book.rows()) == 3
