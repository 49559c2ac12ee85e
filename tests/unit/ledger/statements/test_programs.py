"""Files of Coinbase and of programs: Ghostfolio, Wealthfolio, Maybe and Sure."""

import json

from backend.ledger.statements.outcomes import InvalidRow
from tests.unit.ledger.statements.files import facts, invalid, opened, read, sample

COINBASE_HEADER = (
    "ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,"
    "Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes\n"
)
COINBASE = sample("coinbase.csv")


def test_coinbase() -> None:
    rows = read(COINBASE)
    assert [
        (row.values.type, row.values.symbol, str(row.values.net_amount), row.external_id)
        for row in rows
    ] == [
        ("interest", "ETH", "0.12649", "c5"),
        ("buy", "ETH", "-0.12649", "c5:buy"),
        ("transfer_out", "ETH2", "None", "c4"),
        ("transfer_in", "ETH", "None", "c3"),
        ("sell", "BTC", "338.92698", "c2"),
        ("buy", "XRP", "-338.92698", "c2:buy"),
        ("buy", "BTC", "-70.00", "c1"),
        ("buy", "BTC", "-70.00", "c1"),
    ]
    # The sign of the money is of the row; 40,000 x 0.00166779 + 2.99 is not 70: the cash wins.
    assert [row.values.currency for row in rows[-2:]] == ["EUR", "USD"]
    assert "price" not in facts(rows[-1])
    assert facts(rows[-1])["fee"] == "2.99"
    assert facts(rows[3])["price"] == "3302.65"
    assert facts(rows[1])["price"] == "3102.321789832597022696"
    assert facts(rows[5])["quantity"] == "156.145683"


def test_older_coinbase_columns() -> None:
    (row,) = read(
        "ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Spot Price Currency,"
        "Spot Price at Transaction,Subtotal,Total (inclusive of fees),Fees,Notes\n"
        "c1,2021-03-25T06:45:27Z,Sell,BTC,0.5,USD,100.00,50.00,49.00,1.00,\n"
    )
    assert facts(row)["net_amount"] == "49.00"
    assert facts(row)["price"] == "100.00"
    assert facts(row)["executed_at"] == "2021-03-25T06:45:27+00:00"


def ghostfolio(*activities: dict[str, object]) -> str:
    common = {"accountId": "a", "currency": "USD", "dataSource": "YAHOO", "tags": [], "fee": 0}
    return json.dumps(
        {
            "meta": {"date": "2023-02-05T00:00:00.000Z", "version": "dev"},
            "accounts": [{"name": 'a "quoted" [name]', "balances": [{"value": 2000}]}],
            "activities": [common | activity for activity in activities],
            "user": {"settings": {"currency": "USD"}},
        },
        indent=2,
    )


def test_ghostfolio_json() -> None:
    statement = opened(
        ghostfolio(
            {
                "type": "FEE",
                "fee": 49,
                "quantity": 0,
                "unitPrice": 0,
                "symbol": "14a69cb9",
                "date": "2021-09-01T00:00:00.000Z",
                "comment": None,
            },
            {
                "type": "BUY",
                "fee": 19,
                "quantity": 5,
                "unitPrice": 298.58,
                "symbol": "ZZM",
                "date": "2021-09-16T00:00:00.000Z",
                "comment": "My first order",
                "id": "g1",
            },
            {
                "type": "DIVIDEND",
                "quantity": 5,
                "unitPrice": 0.62,
                "symbol": "ZZM",
                "date": "2021-11-17T15:30:00.000Z",
            },
            {
                "type": "LIABILITY",
                "quantity": 1,
                "unitPrice": 9,
                "symbol": "x",
                "date": "2021-11-18T00:00:00.000Z",
            },
        )
    )
    fee, bought, dividend, liability = statement
    assert statement.profile == "ghostfolio"
    assert not isinstance(fee, InvalidRow)
    assert not isinstance(bought, InvalidRow)
    assert not isinstance(dividend, InvalidRow)
    assert facts(fee) == {
        "type": "fee",
        "trade_date": "2021-09-01",
        "currency": "USD",
        "fee": "49",
        "net_amount": "-49",
    }
    assert facts(bought) == {
        "type": "buy",
        "trade_date": "2021-09-16",
        "currency": "USD",
        "symbol": "ZZM",
        "quantity": "5",
        "price": "298.58",
        "fee": "19",
    }
    assert (bought.external_id, bought.note) == ("g1", "My first order")
    assert facts(dividend)["executed_at"] == "2021-11-17T15:30:00+00:00"
    assert isinstance(liability, InvalidRow)


def test_numbers_of_json_keep_their_digits() -> None:
    text = ghostfolio(
        {
            "type": "BUY",
            "quantity": 5,
            "unitPrice": 1,
            "symbol": "Z",
            "date": "2021-09-16T00:00:00.000Z",
        }
    ).replace('"quantity": 5', '"quantity": 12345678901234567890.123456789012345678')
    (row,) = read(text)
    assert facts(row)["quantity"] == "12345678901234567890.123456789012345678"


def test_ghostfolio_csv_mixes_date_formats() -> None:
    rows = read(
        """
Date,Code,DataSource,Currency,Price,Quantity,Action,Fee,Note
01-09-2021,14a69cb9,MANUAL,USD,0,0,fee,49,
16/09/2021,ZZM,YAHOO,USD,298.580,5,buy,19.00,My first order
17.11.2021,ZZM,YAHOO,USD,0.62,5,dividend,0.00,
20220101,ZZP,MANUAL,USD,500000,1,buy,0.00,
"""
    )
    assert [str(row.values.trade_date) for row in rows] == [
        "2021-09-01",
        "2021-09-16",
        "2021-11-17",
        "2022-01-01",
    ]
    assert {row.source for row in rows} == {"ghostfolio_csv"}


def test_wealthfolio() -> None:
    rows = read(sample("wealthfolio.csv"))
    assert [row.values.type for row in rows] == [
        "deposit",
        "buy",
        "split",
        "fee",
        "transfer_out",
        "transfer_in",
        "buy",
    ]
    assert (rows[2].values.ratio_numerator, rows[2].values.ratio_denominator) == (3, 2)
    assert facts(rows[3])["net_amount"] == "-3"
    assert facts(rows[4])["net_amount"] == "-10"
    assert facts(rows[6])["currency"] == "GBP"
    assert facts(rows[6])["price"] == "2.50"
    assert facts(rows[6])["fee"] == "0.05"


def test_maybe_and_sure_have_signed_quantities() -> None:
    text = "date,ticker,qty,price,amount,account,name\n2024-01-02,ZZA,-10,150.00,,Main,Zed\n"
    (row,) = opened(text, currency="CAD")
    assert not isinstance(row, InvalidRow)
    assert facts(row) == {
        "type": "sell",
        "trade_date": "2024-01-02",
        "currency": "CAD",
        "symbol": "ZZA",
        "quantity": "10",
        "price": "150.00",
    }


def test_an_unknown_type_is_invalid_and_not_passed_over() -> None:
    (row,) = invalid(
        "Date,Code,DataSource,Currency,Price,Quantity,Action,Fee,Note\n"
        "20220101,ZZP,MANUAL,USD,5,1,lend,0.00,\n"
    )
    assert "'lend' is not known" in row.reason
