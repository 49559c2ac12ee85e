"""Our own layout: what it takes, what it writes, and what makes two rows the same."""

import io
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ledger.entries import Entry, net_amount
from backend.ledger.exact import rounded
from backend.ledger.faults import faults
from backend.ledger.statements.export import write_csv, write_json
from backend.ledger.statements.identity import Occurrences, row_hash
from backend.ledger.statements.outcomes import NO_ID, InvalidRow, ReadRow
from backend.ledger.statements.reading import read_statement
from tests.unit.ledger.portfolios import SYMBOLS, amounts, charges, prices, quantities
from tests.unit.ledger.statements.files import facts, invalid, opened, read


def test_all_columns() -> None:
    (row,) = read(
        "type,trade_date,executed_at,sequence,symbol,quantity,price,fee,tax,net_amount,currency,"
        "fx_rate,settle_currency,multiplier,source,external_id,note\n"
        'BUY,2024-05-31,2024-06-01T01:00:00Z,7,ZZA,2,1.50,1,0.5,-301.5,USD,0.9,eur,100,desk,e1,"a\n'
        'note"\n'
    )
    assert facts(row, without=()) == {
        "type": "buy",
        "trade_date": "2024-05-31",
        "executed_at": "2024-06-01T01:00:00+00:00",
        "sequence": 7,
        "symbol": "ZZA",
        "quantity": "2",
        "price": "1.50",
        "fee": "1",
        "tax": "0.5",
        "net_amount": "-301.5",
        "currency": "USD",
        "fx_rate": "0.9",
        "settle_currency": "EUR",
        "multiplier": "100",
    }
    assert (row.source, row.external_id, row.note) == ("desk", "e1", "a\nnote")


def test_columns_go_by_name_whatever_their_order_case_and_blanks() -> None:
    (row,) = read(
        " Currency , PRICE,Quantity,Symbol,Favourite colour,Trade_Date,Type\n"
        "USD,2,3,ZZA,blue,2024-05-31,Sold\n"
    )
    assert facts(row) == {
        "type": "sell",
        "trade_date": "2024-05-31",
        "currency": "USD",
        "symbol": "ZZA",
        "quantity": "3",
        "price": "2",
    }
    assert row.source == "generic"


def test_semicolons_tabs_and_a_title_above() -> None:
    german = (
        "Mein Depot\n\ntype;date;symbol;quantity;price;currency\nbuy;2024-05-31;Z;1,5;1.234,5;EUR\n"
    )
    (row,) = read(german)
    assert (facts(row)["quantity"], facts(row)["price"]) == ("1.5", "1234.5")
    assert row.line == 4
    (row,) = read(german.replace(";", "\t"))
    assert facts(row)["price"] == "1234.5"
    (bad,) = invalid(german.replace("1.234,5", "1.234"))
    assert bad.field == "price"
    assert "two ways" in bad.reason


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(codec: str) -> None:
    text = "type,date,net_amount,currency,note\ndeposit,2024-05-31,1,EUR,Gruß \u2013 Zürich\n"
    (row,) = read(text.encode(codec))
    assert row.note == "Gruß \u2013 Zürich"


def test_utf_16_of_the_other_order() -> None:
    text = "\ufefftype,date,net_amount,currency\ndeposit,2024-05-31,1,EUR\n"
    assert len(read(text.encode("utf-16-be"))) == 1


def test_amounts_in_pence() -> None:
    (row,) = read(
        "type,date,symbol,quantity,price,fee,net_amount,currency\n"
        "buy,2024-05-31,ZZG,10,250.5,100,-2605,GBX\n"
    )
    assert facts(row)["price"] == "2.505"
    assert facts(row)["fee"] == "1.00"
    assert facts(row)["net_amount"] == "-26.05"
    assert facts(row)["currency"] == "GBP"


def test_a_currency_for_rows_that_have_none() -> None:
    text = "type,date,net_amount\ndeposit,2024-05-31,1\n"
    (row,) = opened(text, currency="CHF")
    assert not isinstance(row, InvalidRow)
    assert row.values.currency == "CHF"
    (bad,) = invalid(text)
    assert (bad.field, bad.reason) == ("currency", "is missing")


def test_a_time_behind_the_date_is_an_instant_in_the_zone_named() -> None:
    text = "type,date,net_amount,currency\ndeposit,2024-05-31T23:30:00,1,EUR\n"
    (row,) = opened(text, zone=ZoneInfo("America/New_York"))
    assert not isinstance(row, InvalidRow)
    assert row.values.trade_date == date(2024, 5, 31)
    assert row.values.executed_at == datetime(2024, 6, 1, 3, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("columns", "field", "reason"),
    [
        ({"type": "lend"}, "type", "not a type"),
        ({"trade_date": "05/31/2024"}, "trade_date", "YYYY-MM-DD"),
        ({"trade_date": ""}, "trade_date", "missing"),
        ({"executed_at": "noon"}, "executed_at", "not a time"),
        ({"quantity": "many"}, "quantity", "not a number"),
        ({"quantity": "-1"}, "quantity", "greater than 0"),
        ({"price": "1e400"}, "price", "more than 20 digits"),
        ({"price": "0.1234567890123456789"}, "price", "18 decimal places"),
        ({"net_amount": "-8"}, "net_amount", "differs from"),
        ({"currency": "dollars!"}, "currency", "not a code"),
        ({"settle_currency": "EUR"}, "fx_rate", "never taken as 1"),
        ({"settle_currency": "?"}, "settle_currency", "not a code"),
        ({"symbol": "Z" * 65}, "symbol", "longer than 64"),
        ({"symbol": ""}, "symbol", "needs one"),
        ({"external_id": "e" * 201}, "external_id", "longer than 200"),
        ({"source": "s" * 41}, "source", "longer than 40"),
        ({"sequence": "1.5"}, "sequence", "not a whole number"),
        ({"sequence": "2147483648"}, "sequence", "is not within"),
        ({"ratio_numerator": "2"}, "ratio_numerator", "only a split"),
    ],
)
def test_an_invalid_row_names_its_line_its_field_and_the_reason(
    columns: dict[str, str], field: str, reason: str
) -> None:
    good = {
        "type": "buy",
        "trade_date": "2024-05-31",
        "symbol": "ZZA",
        "quantity": "2",
        "price": "3",
        "net_amount": "-6",
        "currency": "USD",
    }
    row = good | columns
    text = ",".join(row) + "\n" + ",".join(row.values()) + "\n"
    (bad,) = invalid(text)
    assert (bad.line, bad.field) == (2, field)
    assert reason in bad.reason


def test_a_note_is_cut_at_a_thousand_characters() -> None:
    (row,) = read("type,date,net_amount,currency,note\ndeposit,2024-05-31,1,EUR," + "n" * 1001)
    assert row.note == "n" * 1000


def test_a_delimiter_inside_a_text_without_quotes_is_one_invalid_row() -> None:
    rows = list(
        opened(
            "type,date,net_amount,currency,note\ndeposit,2024-05-31,1,EUR,a,b\n"
            "deposit,2024-05-31,1,EUR,a\n"
        )
    )
    assert isinstance(rows[0], InvalidRow)
    assert "has 6 fields where the header has 5" in rows[0].reason
    assert isinstance(rows[1], ReadRow)


def test_equal_rows_all_count_in_the_order_of_the_file() -> None:
    line = "buy,2025-12-03T16:07:14,ZZI,1.0,40.2,USD\n"
    rows = read("type,date,symbol,quantity,price,currency\n" + line * 3)
    seen = Occurrences()
    assert [seen.number(row_hash(row.values)) for row in rows] == [1, 2, 3]
    assert [row.values.sequence for row in rows] == [1, 2, 3]


def test_a_file_that_begins_with_the_newest_counts_downwards() -> None:
    head = "type,date,net_amount,currency\n"
    days = ["2024-05-31", "2024-05-31", "2024-05-30"]
    rows = read(head + "".join(f"deposit,{day},1,EUR\n" for day in days))
    assert [row.values.sequence for row in rows] == [-1, -2, -3]
    rows = read(head + "".join(f"deposit,{day},1,EUR\n" for day in reversed(days)))
    assert [row.values.sequence for row in rows] == [1, 2, 3]
    same = [row.values.sequence for row in read(head + "deposit,2024-05-31,1,EUR\n" * 1500)]
    assert same == list(range(1, 1501))


BASE = Entry(
    NO_ID,
    "buy",
    date(2024, 5, 31),
    "USD",
    executed_at=datetime(2024, 5, 31, 15, tzinfo=UTC),
    symbol="ZZA",
    quantity=Decimal(2),
    price=Decimal("1.5"),
    fee=Decimal("0.25"),
)


@pytest.mark.parametrize(
    "columns",
    [
        {"quantity": Decimal("2.00")},
        {"quantity": Decimal("0.02E+2")},
        {"price": Decimal("1.50")},
        {"tax": Decimal("0.000")},
        {"net_amount": Decimal("-3.25")},
        {"net_amount": Decimal("-3.250")},
        {"executed_at": datetime(2024, 5, 31, 17, tzinfo=timezone(timedelta(hours=2)))},
        {"sequence": 9},
    ],
)
def test_rows_that_say_the_same_have_one_hash(columns: dict[str, object]) -> None:
    assert row_hash(BASE._replace(**columns)) == row_hash(BASE)  # type: ignore[arg-type]  # columns


@pytest.mark.parametrize(
    "columns",
    [
        {"type": "sell"},
        {"trade_date": date(2024, 6, 1)},
        {"executed_at": None},
        {"executed_at": datetime(2024, 5, 31, 15, 0, 1, tzinfo=UTC)},
        {"symbol": "ZZB"},
        {"symbol": None},
        {"quantity": Decimal(20)},
        {"price": Decimal("1.6")},
        {"fee": Decimal("0.26")},
        {"tax": Decimal("0.01")},
        {"net_amount": Decimal("-3.26")},
        {"currency": "EUR"},
        {"multiplier": Decimal(100)},
        {"settle_currency": "EUR", "fx_rate": Decimal("0.9")},
        {"fx_rate": Decimal("0.9")},
        {"ratio_numerator": 2},
    ],
)
def test_rows_that_differ_have_different_hashes(columns: dict[str, object]) -> None:
    other = BASE._replace(**columns)  # type: ignore[arg-type]  # columns of an entry
    assert row_hash(other) != row_hash(BASE)


def test_the_hash_stays_what_it_is() -> None:
    # Stored rows are found again by it: a change here makes every import create them anew.
    assert row_hash(BASE) == ("cae232ba0a4ecfe6b7a9b312bc6906f9da091fccb81897c6cb5ee2a5f7e04fe0")


_character = st.characters(codec="utf-8", exclude_characters="\0\r\n\ufeff")
# A text is stripped when it is read, so none begins or ends with a blank.
_free = st.text(_character, max_size=30).map(str.strip).filter(bool)
_symbol = st.sampled_from((*SYMBOLS, "ZZ,A", 'Z"Z', "ZÜ;1", "=1+1"))
_instants = st.none() | st.integers(0, 4 * 10**9).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)
_stored = st.decimals(Decimal("0.000000000000000001"), Decimal(99999999999999999999), places=18)


@st.composite
def rows(draw: st.DrawFn) -> ReadRow:
    type_ = draw(st.sampled_from(("buy", "sell", "dividend", "deposit", "split", "transfer_in")))
    units = type_ in ("buy", "sell", "transfer_in")
    entry = Entry(
        NO_ID,
        type_,  # type: ignore[arg-type]  # one of the types
        draw(st.dates(date(1990, 1, 1), date(2100, 1, 1))),
        draw(st.sampled_from(("USD", "GBP", "1INCH"))),
        executed_at=draw(_instants),
        sequence=draw(st.integers(-(2**31) + 1, 2**31 - 1)),
        symbol=None if type_ == "deposit" else draw(_symbol),
        quantity=draw(quantities | _stored) if units else None,
        price=draw(prices) if units else None,
        fee=draw(charges) if units else Decimal(0),
        net_amount=draw(amounts) if type_ in ("dividend", "deposit") else None,
        ratio_numerator=draw(st.integers(1, 2**31 - 1)) if type_ == "split" else None,
        ratio_denominator=draw(st.integers(1, 2**31 - 1)) if type_ == "split" else None,
    )
    if draw(st.booleans()) and type_ in ("buy", "sell"):
        entry = entry._replace(settle_currency="EUR", fx_rate=draw(prices))
    if draw(st.booleans()) and type_ in ("buy", "sell"):
        stored = rounded(net_amount(entry), 18)
        if abs(stored) < Decimal(10) ** 20:
            entry = entry._replace(net_amount=stored)
    id_, note = (draw(st.none() | _free) for _ in range(2))
    return ReadRow(1, entry, draw(st.sampled_from(("generic", "degiro"))), id_, note)


def _without_line(row: ReadRow | InvalidRow) -> ReadRow | InvalidRow:
    return row._replace(line=1)


@settings(max_examples=60, deadline=None)
@given(st.lists(rows().filter(lambda row: not faults(row.values)), max_size=5), st.booleans())
def test_what_is_written_reads_back_equal(written: list[ReadRow], as_json: bool) -> None:
    chunks = (write_json if as_json else write_csv)(written)
    statement = read_statement(io.BytesIO(b"".join(chunks)), profile="generic")
    assert [_without_line(row) for row in statement] == written


def test_nothing_written_reads_back_as_nothing() -> None:
    for chunks in (write_csv([]), write_json([])):
        assert list(read_statement(io.BytesIO(b"".join(chunks)))) == []


def test_it_is_written_in_pieces() -> None:
    row = ReadRow(1, BASE, "generic")
    assert len(list(write_csv(row for _ in range(1000)))) > 4
    assert len(list(write_json(row for _ in range(1000)))) > 4
