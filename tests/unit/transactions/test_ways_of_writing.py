"""What a client may leave out, and the ways in which it may write the rest."""

from typing import Final

from tests.clients import Client
from tests.unit.transactions.books import Book, trade

SPLIT: Final = {"type": "split", "trade_date": "2024-01-03", "symbol": "AAPL"}


def test_words_and_whole_numbers_as_texts(alice: Client) -> None:
    book = Book(alice, cost_basis_method="AVERAGE")
    book.add(**trade("BUY", quantity="10", sequence="-3"))
    row = book.add(**SPLIT, ratio_numerator="3", ratio_denominator="2")
    assert (row["type"], row["ratio_numerator"], row["ratio_denominator"]) == ("split", 3, 2)
    assert [row["sequence"] for row in book.rows()] == [-3, 0]
    (held,) = book.items("holdings", method="HIFO")
    assert held["quantity"] == "15"
    changed = alice.patch(book.row(row), json={"ratio_denominator": "1"})
    assert changed.json()["ratio_denominator"] == 1


def test_what_is_no_whole_number_is_422(alice: Client) -> None:
    book = Book(alice)
    for ratio in ("2.0", "1e3", "", "9999999999", "\u0663", 2.0, True):
        answer = book.post(**SPLIT, ratio_numerator=ratio, ratio_denominator=1)
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["pointer"] == "body/ratio_numerator"


def test_a_split_needs_no_currency_and_brings_none(alice: Client) -> None:
    book = Book(alice, base_currency="CHF")
    book.buy(currency="USD")
    row = book.add(**SPLIT, ratio_numerator=2, ratio_denominator=1)
    assert row["currency"] == "CHF"
    assert book.items("cash") == [{"currency": "USD", "amount": "-1000"}]
    assert book.get("realized-gains")["currency"] == "USD"
    (held,) = book.items("holdings")
    assert (held["currency"], held["quantity"]) == ("USD", "20")
    for refused in (trade("buy") | {"currency": None}, {"type": "fee", "trade_date": "2024-01-02"}):
        answer = book.post(**refused)
        assert answer.status_code == 422, answer.text
        assert "body/currency" in {error["pointer"] for error in answer.json()["errors"]}


def test_cash_of_another_currency_does_not_hide_the_totals(alice: Client) -> None:
    book = Book(alice, base_currency="CHF")
    book.add(type="deposit", trade_date="2024-01-01", net_amount="5000", currency="CHF")
    book.buy(currency="USD", fee="1")
    book.sell(currency="USD", trade_date="2024-02-01", price="110")
    found = book.get("realized-gains")
    assert (found["currency"], found["realized_pnl"], found["fees"]) == ("USD", "99", "1")
    assert [total["currency"] for total in found["by_currency"]] == ["USD"]


def test_a_row_of_a_file_without_a_currency_is_in_that_of_the_portfolio(alice: Client) -> None:
    book = Book(alice, base_currency="CHF")
    file = "type,trade_date,amount,currency\ndeposit,2024-01-02,5,\nfee,2024-01-02,2,EUR\n"
    for body in (file, "type,date,net_amount\ndeposit,2024-01-03,7\n"):
        answer = alice.post(f"{book.rows_path}/import", content=body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["invalid"] == 0
    cash = {row["currency"]: row["amount"] for row in book.items("cash")}
    assert cash == {"CHF": "12", "EUR": "-2"}


def test_a_rate_without_a_day_is_that_of_the_valuation(alice: Client) -> None:
    book = Book(alice)
    book.add(**trade("buy", currency="EUR"))
    sent = {"as_of": "2024-02-01", "prices": {"AAPL": "110"}, "fx": {"EUR": "1.5"}}
    valued = alice.post(f"{book.path}/valuation", json=sent).json()
    assert valued["market_value"] == "1650"
    # The cost is of another day.
    assert [lack["date"] for lack in valued["missing_cost_rates"]] == ["2024-01-02"]
    for rate in ("0", 1.5, None, {"2024-02-01": "x"}):
        answer = alice.post(f"{book.path}/valuation", json=sent | {"fx": {"EUR": rate}})
        assert answer.status_code == 422, answer.text
        pointers = [error["pointer"] for error in answer.json()["errors"]]
        assert pointers == ["body/fx/EUR/2024-02-01"]


def test_a_portfolio_of_cash_needs_no_prices(alice: Client) -> None:
    book = Book(alice)
    book.add(type="deposit", trade_date="2024-01-01", net_amount="5", currency="USD")
    valued = alice.post(f"{book.path}/valuation", json={"as_of": "2024-02-01"})
    assert valued.json()["total_value"] == "5"
    span = {"from": "2024-01-01", "to": "2024-01-03"}
    assert alice.post(f"{book.path}/performance", json=span).json()["twr"] == "0"


def test_a_profile_by_its_name_or_title(alice: Client) -> None:
    book = Book(alice)
    file = "Action,Time,Ticker,No. of shares,Price / share,Total,Currency (Total)\n"
    file += "Deposit,2024-01-02 10:00:00,,,,5,EUR\n"
    for name in ("trading212", "trading_212", "Trading 212", "TRADING-212"):
        answer = alice.post(f"{book.rows_path}/import", params={"profile": name}, content=file)
        assert answer.status_code == 200, answer.text
        assert answer.json()["profile"] == "trading212"
    answer = alice.post(
        f"{book.rows_path}/import", params={"profile": "charles schwab"}, content=file
    )
    # It is known, and not what the file is.
    assert "Charles Schwab" in answer.json()["errors"][0]["detail"]
