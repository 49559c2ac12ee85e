"""Files of Schwab, Fidelity, Robinhood and tastytrade."""

from backend.ledger.statements.outcomes import ReadRow
from tests.unit.ledger.statements.files import facts, invalid, opened, read, sample

SCHWAB = sample("schwab.csv")


def test_schwab_with_a_title_and_a_total() -> None:
    statement = opened(SCHWAB)
    rows = [facts(row) for row in statement if isinstance(row, ReadRow)]
    assert statement.profile == "schwab"
    assert statement.skipped == {"a total": 1}
    assert rows == [
        {
            "type": "sell",
            "trade_date": "2024-02-20",
            "currency": "USD",
            "symbol": "ZZA",
            "quantity": "592.199",
            "price": "8.46",
            "fee": "10.00",
            "net_amount": "5000.00",
        },
        {
            "type": "tax",
            "trade_date": "2024-02-15",
            "currency": "USD",
            "symbol": "ZZA",
            "tax": "1.30",
            "net_amount": "-1.30",
        },
        {
            "type": "dividend",
            "trade_date": "2024-02-15",
            "currency": "USD",
            "symbol": "ZZA",
            "net_amount": "1259.59",
        },
        {
            "type": "buy",
            "trade_date": "2024-02-01",
            "currency": "USD",
            "symbol": "ZZA",
            "quantity": "1000",
            "price": "7.5001",
            "net_amount": "-7500.12",
        },
        {
            "type": "interest",
            "trade_date": "2024-01-31",
            "currency": "USD",
            "net_amount": "1.63",
        },
        {
            "type": "fee",
            "trade_date": "2024-01-30",
            "currency": "USD",
            "fee": "16.13",
            "net_amount": "-16.13",
        },
        {
            "type": "buy",
            "trade_date": "2024-01-26",
            "currency": "USD",
            "symbol": "ZZA 01/19/2025 150.00 C",
            "quantity": "2",
            "price": "1.50",
            "fee": "1.30",
            "net_amount": "-301.30",
            "multiplier": "100",
        },
        {
            "type": "transfer_out",
            "trade_date": "2024-01-25",
            "currency": "USD",
            "symbol": "ZZB",
            "quantity": "877",
        },
        {
            "type": "withdrawal",
            "trade_date": "2024-01-24",
            "currency": "USD",
            "net_amount": "-30.00",
        },
        {
            "type": "deposit",
            "trade_date": "2024-01-23",
            "currency": "USD",
            "net_amount": "10000.00",
        },
    ]


def test_schwab_comes_newest_first_so_that_its_rows_are_numbered_downwards() -> None:
    assert [row.values.sequence for row in read(SCHWAB)] == list(range(-1, -11, -1))


def test_schwab_with_price_before_quantity() -> None:
    (row,) = read(
        "Date,Action,Symbol,Description,Price,Quantity,Fees & Comm,Amount\n"
        "02/01/2024,Buy,ZZA,ZED,$2.00,5,,-$10.00\n"
    )
    assert facts(row)["quantity"] == "5"
    assert facts(row)["price"] == "2.00"


def test_schwab_says_what_to_enter_where_a_row_is_not_enough() -> None:
    header = "Date,Action,Symbol,Description,Quantity,Price,Fees & Comm,Amount\n"
    reasons = [
        row.reason
        for row in invalid(
            header
            + "07/15/2024 as of 07/12/2024,Stock Split,ZZA,ZED,9,,,\n"
            + "07/15/2024,Spin-off,ZZA,ZED,9,,,\n"
            + "07/15/2024,Cash In Lieu,ZZA,ZED,,,,$3.10\n"
            + "07/15/2024,Divination,ZZA,ZED,,,,$3.10\n"
            + "31/07/2024,Buy,ZZA,ZED,1,$1.00,,-$1.00\n"
        )
    ]
    assert "a split added (9), not its ratio" in reasons[0]
    assert "transfer_in" in reasons[1]
    assert "enter a sell with that fraction" in reasons[2]
    assert "'Divination' is not known" in reasons[3]
    assert "not a day of the calendar" in reasons[4]


def test_the_two_rows_of_a_schwab_reverse_split_give_its_ratio() -> None:
    header = "Date,Action,Symbol,Description,Quantity,Price,Fees & Comm,Amount\n"
    (row,) = read(
        header
        + "06/10/2024,Reverse Split,ZZT,ZED TONIC HLDGS,4,,,\n"
        + "06/10/2024,Reverse Split,890260854,ZED TONIC XXXREVERSE SPLIT EFF: 06/10/24,-100,,,\n"
    )
    assert facts(row) == {
        "type": "split",
        "trade_date": "2024-06-10",
        "currency": "USD",
        "symbol": "ZZT",
        "ratio_numerator": 1,
        "ratio_denominator": 25,
    }
    (alone,) = invalid(header + "06/10/2024,Reverse Split,ZZT,ZED TONIC HLDGS,4,,,\n")
    assert alone.line == 2
    assert "one half of a split" in alone.reason


FIDELITY = sample("fidelity.csv")


def test_fidelity_with_blank_lines_and_a_disclaimer() -> None:
    statement = opened(FIDELITY)
    rows = [facts(row) for row in statement if isinstance(row, ReadRow)]
    assert statement.profile == "fidelity"
    assert statement.skipped == {"blank": 1, "a line of text": 2}
    assert [
        (row["type"], row["trade_date"], row.get("symbol"), row.get("quantity"), row["net_amount"])
        for row in rows
    ] == [
        ("sell", "2024-03-14", "ZZA", "10", "204.49"),
        ("dividend", "2024-03-13", "ZZA", None, "12.34"),
        ("buy", "2024-03-12", "ZZA", "0.617", "-12.34"),
        ("buy", "2024-03-11", "ZZA240419C150", "1", "-250.68"),
        ("deposit", "2024-03-08", None, None, "5000"),
    ]
    assert rows[0]["fee"] == "0.51"
    assert rows[3]["multiplier"] == "100"


def test_old_fidelity_files_have_other_columns_in_another_order() -> None:
    (row,) = read(
        "Run Date,Action,Symbol,Security Description,Security Type,Quantity,Price ($),"
        "Commission ($),Fees ($),Accrued Interest ($),Amount ($),Settlement Date\n"
        " 03/14/2014, YOU BOUGHT,ZZA, ZED ALPHA,Cash,3,7,,,,-21,03/18/2014\n"
    )
    assert facts(row)["quantity"] == "3"
    assert facts(row)["price"] == "7"


def test_fidelity_gives_no_ratio_of_a_split() -> None:
    header = "Run Date,Action,Symbol,Price ($),Quantity,Amount ($)\n"
    (row,) = invalid(header + "03/14/2024,DISTRIBUTION ZED ALPHA (ZZA),ZZA,,90,0\n")
    assert "enter a split with its ratio" in row.reason


ROBINHOOD = sample("robinhood.csv")


def test_robinhood_with_parentheses_and_line_breaks_in_fields() -> None:
    statement = opened(ROBINHOOD)
    rows = [row for row in statement if isinstance(row, ReadRow)]
    assert [row.line for row in rows] == [2, 4, 5, 6, 7]
    assert statement.skipped == {"blank": 1, "a line of text": 1}
    bought, wrote, *_ = rows
    assert facts(bought) == {
        "type": "buy",
        "trade_date": "2024-01-09",
        "currency": "USD",
        "symbol": "ZZA",
        "quantity": "10",
        "price": "150.00",
        "net_amount": "-1500.00",
    }
    # The fees are in the amount alone, and a price that does not make it is left out.
    assert facts(wrote) == {
        "type": "sell",
        "trade_date": "2024-01-08",
        "currency": "USD",
        "symbol": "ZZA 2/16/2024 Call $55.00",
        "quantity": "1",
        "price": "1.20",
        "net_amount": "119.95",
        "multiplier": "100",
    }


def test_robinhood_cash_goes_by_its_sign() -> None:
    rows = read(ROBINHOOD)
    assert [(row.values.type, str(row.values.net_amount)) for row in rows[2:]] == [
        ("dividend", "3.20"),
        ("deposit", "2000.00"),
        ("withdrawal", "-25.00"),
    ]


TASTYTRADE = sample("tastytrade.csv")


def test_tastytrade_keeps_the_date_of_its_own_offset() -> None:
    rows = read(TASTYTRADE)
    assert facts(rows[0]) == {
        "type": "sell",
        "trade_date": "2024-03-05",
        "executed_at": "2024-03-05T23:30:00-05:00",
        "currency": "USD",
        "symbol": "ZZA 240419C00150000",
        "quantity": "2",
        "price": "1.52",
        "fee": "2.26",
        "net_amount": "301.74",
        "multiplier": "100",
    }
    assert facts(rows[1])["net_amount"] == "-1533.13"
    assert [row.values.type for row in rows[2:]] == ["deposit", "interest", "split"]
    assert facts(rows[4])["ratio_numerator"] == 1
    assert facts(rows[4])["ratio_denominator"] == 10


def test_tastytrade_without_a_total_and_with_unsigned_values() -> None:
    (row,) = read(
        "Date,Type,Sub Type,Action,Symbol,Instrument Type,Description,Value,Quantity,"
        "Average Price,Commissions,Fees,Multiplier,Root Symbol,Underlying Symbol,Expiration Date,"
        "Strike Price,Call or Put,Order #,Currency\n"
        "2024-03-05T10:00:00+0100,Trade,Buy to Open,BUY_TO_OPEN,ZZB,Equity,Bought,1533.00,100,"
        "15.33,0.00,-0.13,,,,,,,1,USD\n"
    )
    assert facts(row)["net_amount"] == "-1533.13"


def test_a_tastytrade_row_without_an_action_is_not_guessed() -> None:
    (row,) = invalid(
        TASTYTRADE.partition("\n2024-03-05")[0]
        + "\n2024-03-05T10:00:00-0500,Receive Deliver,ACAT,,ZZB,Equity,In,0.00,10,,--,0.00,,,,,,,,"
        "0.00,USD\n"
    )
    assert "ACAT without an action" in row.reason
