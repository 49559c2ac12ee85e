"""Files in and out of a portfolio, on both databases."""

from typing import Any, Final

import pytest

from tests.clients import Client
from tests.unit.ledger.examples import EXAMPLES
from tests.unit.ledger.statements.test_import_cases import in_our_layout
from tests.unit.transactions.books import Book

CASES: Final[list[dict[str, Any]]] = EXAMPLES["import_cases"]
FILLS: Final = """\
type,trade_date,symbol,quantity,price,fee,currency,note
buy,2024-01-02,AAPL,10,100,1,USD,first
buy,2024-01-02,AAPL,10,100,1,USD,second of two equal fills
sell,2024-01-03,AAPL,5,110.25,1,USD,
"""
MORE: Final = FILLS + "dividend,2024-02-01,AAPL,15,0.24,0,USD,\n"


def statuses(report: dict[str, Any]) -> list[tuple[int, str]]:
    return [(row["line"], row["status"]) for row in report["items"]]


def test_equal_rows_of_a_file_all_count_and_the_file_comes_once(alice: Client) -> None:
    book = Book(alice)
    first = book.imported(FILLS)
    assert statuses(first) == [(2, "created"), (3, "possible_duplicate"), (4, "created")]
    assert (first["created"], first["possible_duplicates"], first["profile"]) == (3, 1, "generic")
    rows = book.rows()
    assert {row["import_id"] for row in rows} == {first["import_id"]}
    assert [row["id"] for row in rows] == [row["transaction_id"] for row in first["items"]]
    assert [row["note"] for row in rows] == ["first", "second of two equal fills", None]
    again = book.imported(FILLS)
    assert (again["created"], again["duplicates"], again["import_id"]) == (0, 3, None)
    assert book.rows(include_voided=True) == rows


def test_a_then_more_is_more(alice: Client) -> None:
    one, other = Book(alice, "One"), Book(alice, "Other")
    one.imported(FILLS)
    assert one.imported(MORE)["created"] == 1
    other.imported(MORE)
    assert one.reports() == other.reports()


def test_a_dry_run_says_the_same_and_keeps_nothing(alice: Client) -> None:
    book = Book(alice)
    tried = book.imported(FILLS, dry_run=True)
    assert book.rows(include_voided=True) == []
    done = book.imported(FILLS)
    assert statuses(tried) == statuses(done)
    assert (tried["dry_run"], tried["import_id"]) == (True, None)
    assert {row["transaction_id"] for row in tried["items"]} == {None}


def test_an_invalid_row_is_named_and_the_others_are_kept(alice: Client) -> None:
    book = Book(alice)
    wrong = FILLS + "buy,2024-01-04,MSFT,-1,100,0,USD,\ngift,2024-01-04,MSFT,1,100,0,USD,\n"
    report = book.imported(wrong)
    assert (report["created"], report["invalid"]) == (3, 2)
    bad = [row for row in report["items"] if row["status"] == "invalid"]
    assert [(row["line"], row["field"]) for row in bad] == [(5, "quantity"), (6, "type")]
    assert all(row["reason"] for row in bad)


def test_of_many_rows_the_first_of_each_status_are_named(
    alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.transactions.services.imports.MOST_ITEMS", 2)
    rows = FILLS.partition("\n")[2]
    report = Book(alice).imported(FILLS + rows + "gift,2024-01-04,MSFT,1,100,0,USD,\n" * 3)
    assert statuses(report) == [
        (2, "created"),
        (3, "possible_duplicate"),
        (4, "created"),
        (5, "possible_duplicate"),
        (8, "invalid"),
        (9, "invalid"),
    ]
    assert (report["created"], report["invalid"], report["truncated"]) == (6, 3, True)


def test_times_without_a_zone_are_read_in_the_one_that_is_named(alice: Client) -> None:
    book = Book(alice)
    file = "type,date,symbol,quantity,price,currency\nbuy,2024-07-01 09:30,AAPL,1,100,USD\n"
    book.imported(file, timezone="Europe/Zurich")
    [row] = book.rows()
    assert (row["trade_date"], row["executed_at"]) == ("2024-07-01", "2024-07-01T07:30:00Z")
    assert book.send(file, timezone="Mars/Olympus").status_code == 422


def test_a_file_that_oversells_is_refused_as_a_whole(alice: Client) -> None:
    book = Book(alice)
    answer = book.send(FILLS + "sell,2024-01-04,AAPL,15.5,100,0,USD,\n")
    assert answer.status_code == 409, answer.text
    problem = answer.json()
    assert (problem["line"], problem["available"], problem["missing"]) == (5, "15", "0.5")
    assert problem["transaction_id"] is None
    assert book.rows(include_voided=True) == []


@pytest.mark.parametrize("file", [b"", b"\x00\x01\x02", b"a,b\n1,2\n", b'[{"type": "buy"'])
def test_what_is_no_statement_is_422(alice: Client, file: bytes) -> None:
    book = Book(alice)
    answer = book.send(file)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert book.rows(include_voided=True) == []


def test_an_unknown_profile_and_a_form_are_refused(alice: Client) -> None:
    book = Book(alice)
    answer = book.send(FILLS, profile="no such")
    assert answer.status_code == 422
    assert "generic" in answer.json()["profiles"]
    form = alice.post(f"{book.rows_path}/import", files={"file": ("a.csv", FILLS)})
    assert form.status_code == 415


def test_what_its_owner_removed_does_not_come_back(alice: Client) -> None:
    book = Book(alice)
    report = book.imported(FILLS)
    rows = book.rows()
    assert alice.delete(book.row(rows[1])).status_code == 204
    edited = alice.patch(book.row(rows[0]), json={"price": "101"})
    assert edited.status_code == 200, edited.text
    again = book.imported(FILLS)
    assert again["created"] == 0
    assert again["duplicates"] == 3
    assert sum("removed" in (row["reason"] or "") for row in again["items"]) == 1
    path = f"{book.path}/imports/{report['import_id']}"
    assert alice.delete(path).status_code == 204
    assert book.rows() == []
    assert alice.delete(path).status_code == 404


def test_an_undone_import_may_come_again(alice: Client) -> None:
    book = Book(alice)
    before = book.add(type="deposit", trade_date="2024-01-01", net_amount="5", currency="USD")
    report = book.imported(FILLS)
    sold = book.sell(quantity="15", trade_date="2024-03-01")
    path = f"{book.path}/imports/{report['import_id']}"
    refused = alice.delete(path)
    assert refused.status_code == 409
    assert refused.json()["transaction_id"] == sold["id"]
    assert len(book.rows()) == 5
    assert alice.delete(book.row(sold)).status_code == 204
    assert alice.delete(path).status_code == 204
    assert book.rows() == [before]
    reasons = [row["void_reason"] for row in book.rows(include_voided=True)]
    assert reasons.count("undone") == 3
    assert book.imported(FILLS)["created"] == 3


@pytest.mark.parametrize("format_", ["csv", "json"])
def test_an_export_makes_the_same_portfolio(alice: Client, format_: str) -> None:
    book, copy = Book(alice, "Book"), Book(alice, "Copy")
    book.imported(MORE)
    book.buy(quantity="0.123456789012345678", price="12345.678901234567890123"[:20], fee="0.01")
    book.add(
        type="split",
        trade_date="2024-06-01",
        symbol="AAPL",
        currency="USD",
        ratio_numerator=4,
        ratio_denominator=1,
        executed_at="2024-06-01T09:30:00.5Z",
    )
    book.add(type="deposit", trade_date="2024-01-01", net_amount="5", currency="EUR", note="cash")
    file = book.exported(format_)
    assert copy.imported(file)["created"] == 7
    assert copy.reports() == book.reports()
    assert copy.exported(format_) == file
    # Into the portfolio itself it brings nothing.
    again = book.imported(file)
    assert (again["created"], again["duplicates"]) == (0, 7)


def test_import_cases(alice: Client, subtests: pytest.Subtests) -> None:
    for case in CASES:
        with subtests.test(case["id"]):
            check_case(Book(alice, case["id"]), case)


def check_case(book: Book, case: dict[str, Any]) -> None:
    file = in_our_layout(case["rows"])
    for expected in ("expected_first_import", "expected_second_import"):
        report = book.imported(file)
        for name, count in case[expected].items():
            if name.startswith("quantity_"):
                (held,) = book.items("holdings")
                assert held["quantity"] == count
            else:
                assert report[name] == count, (expected, name, report)


def test_a_file_may_be_larger_than_other_bodies(alice: Client) -> None:
    book = Book(alice)
    note = "n" * 900
    row = f"deposit,2024-01-02,,,,,USD,{note},5\n"
    file = "type,trade_date,symbol,quantity,price,fee,currency,note,net_amount\n" + row * 1300
    assert len(file) > 1_048_576
    report = book.imported(file)
    assert (report["created"], report["possible_duplicates"]) == (1300, 1299)
    assert book.items("cash") == [{"currency": "USD", "amount": "6500"}]


@pytest.mark.parametrize("all_at_once", [100_000, 0])
def test_a_file_of_several_batches_finds_all_that_is_there(
    alice: Client, monkeypatch: pytest.MonkeyPatch, all_at_once: int
) -> None:
    monkeypatch.setattr("backend.transactions.services.imports.AT_ONCE", 3)
    monkeypatch.setattr("backend.transactions.services.known.ALL_AT_ONCE", all_at_once)
    header = "type,trade_date,symbol,quantity,price,currency,external_id\n"
    buys = [f"buy,2024-01-{day:02},AAPL,1,{day},USD,\n" for day in range(1, 6)]
    named = [f"buy,2024-02-{day:02},AAPL,1,{day},USD,id {day}\n" for day in range(1, 6)]
    book = Book(alice)
    book.imported(header + "".join([buys[3], buys[3], buys[4], *named[3:]]))
    removed = next(row for row in book.rows() if row["trade_date"] == "2024-01-05")
    assert alice.delete(book.row(removed)).status_code == 204
    other = named[3].replace(",4,USD", ",4.5,USD")
    file = [buys[3], *buys[:3], buys[4], named[0]]
    file += [buys[3], buys[3], buys[0], buys[4], *named, other, buys[4]]
    report = book.imported(header + "".join(file))
    assert [status for _, status in statuses(report)] == [
        *("duplicate", "created", "created", "created", "duplicate", "created"),
        *("duplicate", "possible_duplicate", "possible_duplicate", "created"),
        *("duplicate", "created", "created", "duplicate", "duplicate"),
        *("conflict", "possible_duplicate"),
    ]
    # What was added is now there, each as often as the file has it.
    again = book.imported(header + "".join(file))
    assert (again["created"], again["conflicts"]) == (0, 1)
