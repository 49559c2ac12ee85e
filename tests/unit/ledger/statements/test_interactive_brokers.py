"""Flex queries and activity statements of Interactive Brokers."""

from backend.ledger.statements.outcomes import InvalidRow, ReadRow
from tests.unit.ledger.statements.files import facts, invalid, opened, read, sample

SHORT = sample("ibkr_flex_short.csv")


def test_a_short_flex_query() -> None:
    bought, sold, fee, currencies = opened(SHORT)
    assert isinstance(bought, ReadRow)
    assert isinstance(sold, ReadRow)
    assert isinstance(fee, ReadRow)
    assert facts(bought) == {
        "type": "buy",
        "trade_date": "2023-05-22",
        "currency": "CHF",
        "symbol": "CH0000000001",
        "quantity": "7",
        "price": "282.7",
        "fee": "5",
        "net_amount": "-1983.9",
    }
    assert facts(sold)["quantity"] == "95"
    assert facts(sold)["net_amount"] == "8909.1"
    # A commission in another currency is a row of its own.
    assert facts(fee) == {
        "type": "fee",
        "trade_date": "2023-05-23",
        "currency": "EUR",
        "fee": "1",
        "net_amount": "-1",
    }
    assert isinstance(currencies, InvalidRow)
    assert currencies.line == 4
    assert "Export Symbol and AssetClass" in currencies.reason


LONG = sample("ibkr_flex.csv")


def test_a_flex_query_with_all_columns_and_two_tables() -> None:
    statement = opened(LONG)
    rows = list(statement)
    found = [row for row in rows if isinstance(row, ReadRow)]
    assert statement.profile == "ibkr_flex"
    assert statement.skipped == {"a summary of executions": 1, "a summary of other rows": 1}
    assert [
        (row.values.type, row.values.currency, str(row.values.net_amount), row.external_id)
        for row in found
    ] == [
        ("sell", "USD", "298.7", "21"),
        ("transfer_in", "EUR", "8000", "22:EUR"),
        ("transfer_out", "USD", "-8800", "22:USD"),
        ("fee", "CHF", "-2", "22:fee"),
        ("dividend", "USD", "137.23", "31"),
        ("return_of_capital", "USD", "4.83", "32"),
        ("tax", "USD", "-20.58", "33"),
        ("tax", "USD", "1.58", "34"),
        ("withdrawal", "EUR", "-500", "35"),
    ]
    assert facts(found[0])["multiplier"] == "100"
    assert facts(found[0])["executed_at"] == "2024-01-02T09:30:01+00:00"
    assert facts(found[7])["tax"] == "-1.58"
    reasons = [row.reason for row in rows if isinstance(row, InvalidRow)]
    assert [reason.partition(":")[0] for reason in reasons] == ["FUT", "BUY (CA.)"]


def test_flex_cash_alone() -> None:
    (row,) = read("""
"Type","SettleDate","ISIN","Description","Amount","CurrencyPrimary"
"Payment In Lieu Of Dividends","20250625","JP0000000001","PAYMENT IN LIEU","455","JPY"
""")
    assert facts(row)["type"] == "dividend"
    assert facts(row)["symbol"] == "JP0000000001"


ACTIVITY = sample("ibkr_activity.csv")


def test_an_activity_statement_with_its_sections() -> None:
    statement = opened(ACTIVITY)
    rows = list(statement)
    found = [row for row in rows if isinstance(row, ReadRow)]
    assert statement.profile == "ibkr_activity"
    assert statement.skipped == {
        "a section without transactions": 2,
        "a summary of other rows": 1,
        "a total": 3,
        "the other half of a split": 1,
    }
    assert [
        (row.line, row.values.type, row.values.currency, str(row.values.net_amount))
        for row in found
    ] == [
        (6, "buy", "USD", "-2868.8304"),
        (7, "sell", "USD", "2678.227711311"),
        (11, "transfer_out", "EUR", "-1000"),
        (11, "transfer_in", "USD", "1160"),
        (11, "fee", "EUR", "-1.72"),
        (13, "dividend", "USD", "40.91"),
        (16, "tax", "USD", "-6.14"),
        (18, "deposit", "EUR", "5000"),
        (20, "split", "USD", "None"),
    ]
    assert facts(found[0])["executed_at"] == "2021-10-14T09:41:55+00:00"
    assert facts(found[0])["quantity"] == "4091"
    assert facts(found[-1])["symbol"] == "ZZN"
    assert facts(found[-1])["ratio_denominator"] == 25
    assert [row.line for row in rows if isinstance(row, InvalidRow)] == [22]


def test_an_activity_statement_cut_to_its_trades() -> None:
    trades = ACTIVITY.splitlines(keepends=True)[4:7]
    assert [row.values.type for row in read("".join(trades))] == ["buy", "sell"]


def test_a_future_is_not_a_trade_of_units() -> None:
    trades = "".join(ACTIVITY.splitlines(keepends=True)[4:5])
    (row,) = invalid(
        trades + 'Trades,Data,Order,Futures,USD,ESZ1,"2021-10-14, 09:41:55",1,4700,,0,-2,,,,O\n'
    )
    assert "settled daily" in row.reason
