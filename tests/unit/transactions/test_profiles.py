"""A file of each layout over HTTP: what becomes of its rows, and what is held after it."""

import json
from typing import Any, Final, NamedTuple

import pytest

from backend.ledger.statements.registry import PROFILES
from tests.clients import Client
from tests.unit.ledger.statements.files import sample
from tests.unit.transactions.books import Book

GHOSTFOLIO: Final = [
    {"type": "BUY", "symbol": "ZZA", "quantity": 5, "unitPrice": 298.58, "fee": 19},
    {"type": "DIVIDEND", "symbol": "ZZA", "quantity": 5, "unitPrice": 0.62, "fee": 0},
    {"type": "FEE", "symbol": "Opening", "quantity": 0, "unitPrice": 0, "fee": 49},
    {"type": "LIABILITY", "symbol": "Loan", "quantity": 1, "unitPrice": 5, "fee": 0},
]
ACTIVITIES: Final = json.dumps(
    {
        "meta": {"version": "dev"},
        "activities": [
            {"currency": "USD", "date": "2021-09-16T00:00:00.000Z"} | row for row in GHOSTFOLIO
        ],
    },
    indent=1,
)
GENERIC: Final = """\
\ufefftype;date;symbol;quantity;price;fee;currency;note
Bought;2024-01-02T10:00:00+01:00;ZZA;1.000,5;1,25;0,5;GBX;"over
two lines"
sell;2024-01-03;ZZA;0,5;1,30;;GBX;

split;2024-01-04;ZZA;;;;;
"""
GHOSTFOLIO_CSV: Final = """\
Date,Code,DataSource,Currency,Price,Quantity,Action,Fee,Note
16-09-2021,ZZA,YAHOO,USD,298.58,5,buy,19.00,first
17/11/2021,ZZA,YAHOO,USD,0.62,5,dividend,0.00,
20220101,Flat,MANUAL,USD,500000.0,1,buy,0.00,
"""
SURE: Final = """\
date,ticker,qty,price,amount,account,name\r
2024-01-01,ZZA,10,150.00,1500.00,A,Bought\r
01/05/2024,ZZA,1,150.00,150.00,A,Wrong date\r
2024-01-03,ZZA,-4,160.00,-640.00,A,Sold\r
"""


ORDER_OF_DEGIRO: Final = "5925d76b-eb36-46e3-b017-a61a6d03c3e7"


class Sample(NamedTuple):
    """What comes of a file: its lines by their status, and what is held then.

    `missing` are units that leave and that the file does not bring: symbol, quantity, currency and
    line.
    """

    lines: dict[str, list[int]]
    held: dict[str, str]
    missing: tuple[str, str, str, int] | None = None
    text: str | None = None


SAMPLES: Final[dict[str, Sample]] = {
    "generic": Sample({"created": [2, 4], "invalid": [6]}, {"ZZA": "1000"}, text=GENERIC),
    "ibkr_flex": Sample(
        {"created": [2, 4, 4, 4, 8, 9, 10, 11, 13], "invalid": [5, 6]},
        {"ZZA   240119C00150000": "-2"},
    ),
    "ibkr_activity": Sample(
        {"created": [6, 7, 11, 11, 11, 13, 16, 18, 20], "invalid": [22]},
        {},
    ),
    "schwab": Sample(
        {"created": [*range(3, 13)]},
        {"ZZA": "407.801", "ZZA 01/19/2025 150.00 C": "2"},
        missing=("ZZB", "877", "USD", 10),
    ),
    "fidelity": Sample({"created": [*range(5, 10)]}, {"ZZA": "-9.383", "ZZA240419C150": "1"}),
    "degiro": Sample({"created": [3, 5, 6, 7, 9, 10, 11]}, {"US0000000002": "1"}),
    "trading212": Sample(
        {"created": [2, 3, 3, 4, 5, 6, 7]},
        {"ZZA": "0.029053", "ZZG": "-10"},
    ),
    "coinbase": Sample(
        {"created": [4, 4, 5, 6, 7, 7, 8], "conflict": [9]},
        {"BTC": "-0.00196346", "ETH": "0.180952645055", "XRP": "156.145683"},
        missing=("ETH2", "0.180914809326", "EUR", 5),
    ),
    "tastytrade": Sample(
        {"created": [*range(2, 7)]},
        {"ZZA 240419C00150000": "-2", "ZZB": "100"},
    ),
    "ghostfolio": Sample({"created": [6, 15, 24], "invalid": [33]}, {"ZZA": "5"}, text=ACTIVITIES),
    "ghostfolio_csv": Sample(
        {"created": [2, 3, 4]}, {"Flat": "1", "ZZA": "5"}, text=GHOSTFOLIO_CSV
    ),
    "robinhood": Sample(
        {"created": [2, 4, 5, 6, 7]},
        {"ZZA": "10", "ZZA 2/16/2024 Call $55.00": "-1"},
    ),
    "trade_republic": Sample({"created": [2, 3, 4]}, {}),
    "wealthfolio": Sample({"created": [*range(2, 9)]}, {"ZZG": "1", "ZZM": "1.5", "ZZN": "2"}),
    "sure": Sample({"created": [2, 4], "invalid": [3]}, {"ZZA": "6"}, text=SURE),
    "xtb": Sample({"created": [*range(2, 7)], "invalid": [7]}, {"ZZG.US": "1", "ZZS.DE": "34"}),
    "swissquote": Sample({"created": [*range(2, 7)]}, {"ZZO": "200"}),
    "etoro": Sample({"created": [2, 3, 5, 6, 8], "invalid": [7]}, {}),
    "parqet": Sample({"created": [2, 3, 4]}, {"DE0000000001": "-6", "LU0000000001": "17.510068"}),
}


def test_each_layout(alice: Client, subtests: pytest.Subtests) -> None:
    assert list(SAMPLES) == [profile.name for profile in PROFILES]
    for profile in PROFILES:
        with subtests.test(profile.name):
            book = Book(alice, profile.name, base_currency="EUR", allow_short=True)
            asked = {"currency": "EUR"} if profile.asks_currency else {}
            check(book, SAMPLES[profile.name], {"profile": profile.name} | asked)


def check(book: Book, expected: Sample, asked: dict[str, str]) -> None:
    text = expected.text or sample(f"{asked['profile']}.csv")
    if expected.missing:
        bring_what_is_missing(book, text, asked, expected.missing)
    before = book.rows()
    tried = book.imported(text, dry_run=True, **asked)
    assert by_status(tried) == expected.lines
    assert book.rows(include_voided=True) == before
    done = book.imported(text, **asked)
    assert by_status(done) == expected.lines
    assert {held["symbol"]: held["quantity"] for held in book.items("holdings")} == expected.held
    after = book.rows()
    assert len(after) - len(before) == done["created"] == len(expected.lines["created"])
    again = book.imported(text, **asked)
    assert by_status(again) == {
        {"created": "duplicate"}.get(status, status): lines
        for status, lines in expected.lines.items()
    }
    assert book.rows(include_voided=True) == after
    # Its header alone says which layout it is.
    if "currency" not in asked:
        assert book.imported(text)["profile"] == asked["profile"]


def bring_what_is_missing(
    book: Book, text: str, asked: dict[str, str], missing: tuple[str, str, str, int]
) -> None:
    """Units that a file sends away and that came before it begins: it is refused without them."""
    symbol, quantity, currency, line = missing
    answer = book.send(text, **asked)
    assert answer.status_code == 409, answer.text
    problem = answer.json()
    assert (problem["symbol"], problem["missing"], problem["line"]) == (symbol, quantity, line)
    assert book.rows(include_voided=True) == []
    there = {"symbol": symbol, "quantity": quantity, "currency": currency, "price": "1"}
    book.add(type="transfer_in", trade_date="2000-01-03", **there)


def by_status(report: dict[str, Any]) -> dict[str, list[int]]:
    """The lines of a file by what became of them; those that were refused say why."""
    found: dict[str, list[int]] = {}
    for row in report["items"]:
        found.setdefault(row["status"], []).append(row["line"])
        assert bool(row["reason"]) == (row["status"] in ("invalid", "conflict"))
    return found


WRONG: Final = {
    "a required column is missing": ("Date,Action,Symbol,Quantity\n1,2,3,4\n", "schwab", "amount"),
    "another layout than the one named": (SURE, "fidelity", "run date"),
    "JSON where a table is": ("[]", "degiro", "JSON"),
    "a table where JSON is": (SURE, "ghostfolio", "JSON"),
    "nothing": ("\ufeff \r\n", "coinbase", "empty"),
    "a currency that nobody says": (SURE, None, "currency"),
    "a quote that is not closed": (GENERIC.replace("lines", 'lines"x'), "generic", "well-formed"),
    "an unknown profile": (SURE, "bank", "trading212"),
}


def test_a_file_that_is_not_what_was_named(alice: Client, subtests: pytest.Subtests) -> None:
    book = Book(alice)
    for name, (text, profile, said) in WRONG.items():
        with subtests.test(name):
            answer = book.send(text, **({"profile": profile} if profile else {}))
            assert answer.status_code == 422, answer.text
            assert said in answer.json()["errors"][0]["detail"]
            assert book.rows(include_voided=True) == []


def test_a_header_alone_and_other_ways_to_write_a_file(alice: Client) -> None:
    book = Book(alice)
    header = "type\tdate\tsymbol\tquantity\tprice\tcurrency\tother\r\n"
    row = "buy\t2024-01-02\tZZA\t1\t10\tUSD\r\n"
    assert book.imported(header)["created"] == 0
    assert book.imported((header + row).encode("utf-16"))["created"] == 1
    # What is short of a field is whole without it; what has one too many is not.
    report = book.imported(header + row + row.replace("USD", "USD\ta\tb"))
    assert by_status(report) == {"duplicate": [2], "invalid": [3]}


def test_an_id_that_degiro_wraps_is_kept_whole(alice: Client) -> None:
    book = Book(alice, base_currency="EUR")
    book.imported(sample("degiro.csv"))
    # On one line in all rows of the order but the first, where it goes on in the next.
    named = [row["note"] for row in book.rows() if "(" in (row["note"] or "")]
    assert len(named) == 4
    assert all(note.endswith(f" ({ORDER_OF_DEGIRO})") for note in named)
