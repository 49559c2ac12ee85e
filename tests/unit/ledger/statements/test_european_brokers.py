"""Files of DEGIRO, Trading 212, Trade Republic, XTB, Swissquote, eToro and Parqet."""

from decimal import Decimal

from backend.ledger.entries import cash_movement
from backend.ledger.statements.outcomes import InvalidRow, ReadRow
from tests.unit.ledger.statements.files import facts, invalid, opened, read, sample

DEGIRO = sample("degiro.csv")


def test_degiro_books_each_leg_in_its_own_currency() -> None:
    statement = opened(DEGIRO)
    rows = [row for row in statement if isinstance(row, ReadRow)]
    assert statement.profile == "degiro"
    assert statement.skipped == {"a movement between accounts at the broker": 2}
    assert [(row.values.type, row.values.currency, str(row.values.net_amount)) for row in rows] == [
        ("deposit", "EUR", "27.80"),
        ("dividend", "USD", "0.44"),
        ("tax", "USD", "-0.07"),
        ("transfer_in", "USD", "33.90"),
        ("transfer_out", "EUR", "-31.91"),
        ("fee", "EUR", "-1.00"),
        ("buy", "USD", "-33.90"),
    ]
    assert facts(rows[-1]) == {
        "type": "buy",
        "trade_date": "2022-12-15",
        "executed_at": "2022-12-15T16:55:00+00:00",
        "currency": "USD",
        "symbol": "US0000000002",
        "quantity": "1",
        "price": "33.9",
        "net_amount": "-33.90",
    }


def test_an_order_id_that_wraps_is_put_together_and_lines_are_counted() -> None:
    rows = read(DEGIRO)
    assert [row.line for row in rows] == [3, 5, 6, 7, 9, 10, 11]
    assert rows[3].note == "Valuta Creditering (5925d76b-eb36-46e3-b017-a61a6d03c3e7)"
    assert all(row.external_id is None for row in rows)


def test_degiro_a_description_that_wraps_is_put_together() -> None:
    trade = '"Koop 1 @ 33,9"'
    (row,) = read(degiro(trade, "USD", '"-33,90"') + ",,,,,USD (US0000000002),,,,,,\n")
    assert (facts(row)["price"], facts(row)["quantity"]) == ("33.9", "1")
    assert row.note == "Koop 1 @ 33,9 USD (US0000000002)"


def degiro(description: str, currency: str, amount: str) -> str:
    header = "Date,Time,Value date,Product,ISIN,Description,FX,Change,,Balance,,Order Id\n"
    return (
        f"{header}02-04-2024,09:00,02-04-2024,ZED,GB0000000001,{description},,{currency},"
        f"{amount},EUR,0.00,\n"
    )


def test_degiro_in_other_languages_and_in_pence() -> None:
    (row,) = read(degiro("Sell 4 ZED PLC@496 GBX (GB0000000001)", "GBP", "19.84"))
    assert facts(row)["price"] == "4.96"
    assert facts(row)["currency"] == "GBP"
    (row,) = read(degiro('"Compra 6 ZED PLC@49,785 EUR (GB0000000001)"', "EUR", "-298.71"))
    assert facts(row)["type"] == "buy"
    assert facts(row)["price"] == "49.785"
    (row,) = read(degiro('"Achat 1.200 ZED@2,5 EUR (X)"', "EUR", '"-3.000,00"'))
    assert facts(row)["quantity"] == "1200"
    assert facts(row)["net_amount"] == "-3000.00"
    (row,) = read(degiro("Impôts sur dividende", "EUR", "-0.15"))
    assert facts(row)["type"] == "tax"


def test_degiro_rows_that_are_no_transaction_of_ours_are_invalid() -> None:
    (row,) = invalid(degiro('"PRODUCTWIJZIGING : Koop 500 @ 0,039 EUR"', "EUR", "0"))
    assert "a corporate action" in row.reason
    (row,) = invalid(degiro("Abrakadabra", "EUR", "1,00"))
    assert "'Abrakadabra' is not known" in row.reason


T212_HEADER = (
    "Action,Time,ISIN,Ticker,Name,No. of shares,Price / share,Currency (Price / share),"
    "Exchange rate,Result,Currency (Result),Total,Currency (Total),Withholding tax,"
    "Currency (Withholding tax),Notes,ID,Currency conversion fee,"
    "Currency (Currency conversion fee)\n"
)
T212 = sample("trading212.csv")


def test_trading212_settles_in_the_currency_of_the_account() -> None:
    rows = read(T212)
    bought, fee = rows[1], rows[2]
    assert facts(bought, without=("sequence", "fx_rate")) == {
        "type": "buy",
        "trade_date": "2023-12-18",
        "executed_at": "2023-12-18T14:30:03.613000+00:00",
        "currency": "USD",
        "symbol": "ZZA",
        "quantity": "0.0290530000",
        "price": "49.96",
        "settle_currency": "EUR",
    }
    currency, amount = cash_movement(bought.values)
    assert currency == "EUR"
    assert abs(amount + Decimal("1.32")) < Decimal("1e-15")
    assert facts(fee)["net_amount"] == "-0.01"
    assert (fee.external_id, fee.line) == ("EOF1:fee:1", bought.line)


def test_trading212_prices_in_pence_become_pounds() -> None:
    sold = read(T212)[3]
    assert facts(sold)["price"] == "6.3011"
    assert facts(sold)["net_amount"] == "63.01"
    assert facts(sold)["currency"] == "GBP"


def test_trading212_splits_are_the_ratio_of_what_was_held() -> None:
    split = read(T212)[-1]
    assert (split.values.ratio_numerator, split.values.ratio_denominator) == (1, 4)
    assert split.values.symbol == "ZZB"
    reverse = T212_HEADER + "".join(reversed(T212.splitlines(keepends=True)[-2:]))
    (split,) = read(reverse)
    assert (split.values.ratio_numerator, split.values.ratio_denominator) == (1, 4)
    (alone,) = invalid("".join(T212.splitlines(keepends=True)[:-1]))
    assert "29.8047800000 before it" in alone.reason


def test_trading212_of_2020_has_currencies_in_the_names_of_columns() -> None:
    rows = read(
        "Action,Time,ISIN,Ticker,Name,No. of shares,Price / share,Currency (Price / share),"
        "Exchange rate,Result (GBP),Total (GBP),Withholding tax,Currency (Withholding tax),"
        "Charge amount (GBP),Stamp duty reserve tax (GBP),Notes,ID\n"
        "Market buy,2020-09-03 09:00:11,GB1,ZZG,Zed,100,250.00,GBX,100,,251.25,,,,1.25,,EOF9\n"
        "Deposit,2020-09-01 09:00:11,,,,,,,,,500.00,,,500.00,,Bank,dep9\n"
    )
    assert facts(rows[0])["tax"] == "1.25"
    assert facts(rows[0])["price"] == "2.5000"
    assert facts(rows[0])["net_amount"] == "-251.25"
    assert facts(rows[1])["currency"] == "GBP"


def test_trading212_shares_that_were_given_have_no_basis() -> None:
    (row,) = invalid(
        T212_HEADER
        + "Stock distribution,2025-01-23 14:46:06,US9,ZZP,Zed,11.05,0.00,USD,,,,0.00,EUR"
        ",,,,EOF5,,\n"
    )
    assert "transfer_in with their basis" in row.reason


def test_trade_republic_writes_amounts_without_fee_and_tax() -> None:
    rows = read(sample("trade_republic.csv"))
    assert facts(rows[0]) == {
        "type": "buy",
        "trade_date": "2026-03-06",
        "executed_at": "2026-03-05T23:20:05.865000+00:00",
        "currency": "EUR",
        "symbol": "US0000000001",
        "quantity": "0.2232140000",
        "price": "25.5000000000",
        "fee": "1.00",
        "net_amount": "-6.69",
    }
    assert facts(rows[1])["net_amount"] == "4.48"
    assert facts(rows[1])["tax"] == "0.10"
    assert (facts(rows[2])["net_amount"], facts(rows[2])["fee"]) == ("10.000000", "0.10")
    assert [row.external_id for row in rows] == ["id-1", "id-2", "id-3"]


XTB = sample("xtb.csv")


def test_xtb_reads_units_from_comments_and_lets_the_cash_win() -> None:
    rows = list(opened(XTB, currency="EUR"))
    bought, foreign, tax, interest_tax, out, cfd = rows
    assert isinstance(bought, ReadRow)
    assert isinstance(foreign, ReadRow)
    assert facts(bought) == {
        "type": "buy",
        "trade_date": "2024-04-12",
        "executed_at": "2024-04-12T13:01:45+00:00",
        "currency": "EUR",
        "symbol": "ZZS.DE",
        "quantity": "34",
        "price": "11.7480",
        "net_amount": "-399.43",
    }
    # A price in another currency does not make the amount.
    assert "price" not in facts(foreign)
    assert facts(foreign)["net_amount"] == "-111.25"
    types = [row.values.type for row in (tax, interest_tax, out) if isinstance(row, ReadRow)]
    assert types == ["tax", "tax", "withdrawal"]
    assert isinstance(cfd, InvalidRow)
    assert "contract for difference" in cfd.reason


def test_swissquote() -> None:
    rows = read(sample("swissquote.csv"))
    assert [(row.values.type, str(row.values.net_amount), row.values.currency) for row in rows] == [
        ("buy", "-3975.96", "USD"),
        ("fee", "-53.85", "CHF"),
        ("dividend", "1146.00", "USD"),
        ("transfer_in", "1995.39", "EUR"),
        ("transfer_out", "-2000.00", "USD"),
    ]
    assert facts(rows[0])["fee"] == "5.96"
    assert facts(rows[2])["tax"] == "202.24"


ETORO = sample("etoro.csv")


def test_etoro() -> None:
    statement = opened(ETORO, currency="USD")
    rows = list(statement)
    read_rows = [row for row in rows if isinstance(row, ReadRow)]
    assert statement.skipped == {"an amount of zero": 1}
    assert [
        (row.values.type, str(row.values.net_amount), row.external_id) for row in read_rows
    ] == [
        ("interest", "0.08", None),
        ("dividend", "0.17", None),
        ("buy", "-49.88", "open:2596572937"),
        ("sell", "61.27", "close:2596572937"),
        ("fee", "-0.31", None),
    ]
    assert facts(read_rows[2])["trade_date"] == "2024-02-09"
    assert [row.reason[:3] for row in rows if isinstance(row, InvalidRow)] == ["CFD"]


def test_parqet_has_decimal_commas_and_the_date_beside_the_instant() -> None:
    rows = read(sample("parqet.csv"))
    assert [(row.values.type, str(row.values.net_amount)) for row in rows] == [
        ("sell", "1562.17"),
        ("buy", "-487.36"),
        ("dividend", "7.09"),
    ]
    assert facts(rows[1])["trade_date"] == "2024-05-16"
    assert facts(rows[1])["executed_at"] == "2024-05-15T22:41:00+00:00"
    assert facts(rows[1])["price"] == "28.56"
    assert facts(rows[1])["tax"] == "-12.64"
