"""Interactive Brokers: activity statement in English, whose sections share one file."""

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Final

from backend.ledger.entries import EntryType
from backend.ledger.exact import ONE, ZERO, add, multiply, subtract
from backend.ledger.statements.moments import Moment
from backend.ledger.statements.outcomes import BadValue, Outcome
from backend.ledger.statements.profile import Profile, columns
from backend.ledger.statements.profiles.ibkr_flex import cash_type
from backend.ledger.statements.row import TOTAL, Context, Row, each
from backend.ledger.statements.trades import OPTION_MULTIPLIER, Trade, split

_CASH: Final[dict[str, EntryType]] = {
    "dividends": "dividend",
    "payment in lieu of dividends": "dividend",
    "withholding tax": "tax",
    "interest": "interest",
    "broker interest paid": "interest",
    "broker interest received": "interest",
    "fees": "fee",
    "deposits & withdrawals": "deposit",
}
_UNITS: Final = {
    "stocks": ONE,
    "equity and index options": OPTION_MULTIPLIER,
    "mutual funds": ONE,
    "bonds": ONE,
    "warrants": ONE,
    "structured products": ONE,
}
_SPLIT: Final = re.compile(
    r"(?P<symbol>[^(\s]+)\s*\([^)]*\) Split (?P<to>[0-9]{1,6}) for (?P<of>[0-9]{1,6})\b.*",
    re.IGNORECASE,
)
_SYMBOL: Final = re.compile(r"(?P<symbol>[^(\s]+)\s*\(")
_SUMMARY: Final = "a summary of other rows"
_OTHER: Final = "a section without transactions"


def _read(rows: Iterable[Row], context: Context) -> Iterator[Outcome]:
    return each(_in_sections(rows, context.names), _row, texts=False)


def _in_sections(rows: Iterable[Row], names: tuple[str, ...]) -> Iterator[Row]:
    """The rows with the columns of their section; its headers come in between."""
    headers = {names[0]: names}
    for row in rows:
        section = row.cells[0].lower() if row.cells else ""
        if len(row.cells) > 1 and row.cells[1].lower() == "header":
            headers[section] = PROFILE.names(row.cells)
            continue
        # The second column is called Header in the header and has the kind of row below it.
        found = headers.get(section, ())
        row.values = dict(zip(found, row.cells, strict=False)) | {"section": section}
        yield row


def _row(row: Row) -> Outcome | Iterable[Outcome]:
    section, kind = row.text("section"), row.text("header").lower()
    known = section in _CASH or section in ("trades", "corporate actions")
    if not known:
        return row.skipped(_OTHER)
    if kind != "data":
        return row.skipped(TOTAL)
    if section == "trades":
        return _traded(row)
    if section == "corporate actions":
        return _corporate_action(row)
    return _cash(row, _CASH[section])


def _cash(row: Row, type_: EntryType) -> Outcome:
    if row.text("currency").lower().startswith("total") or not row.text("date", "settle date"):
        return row.skipped(TOTAL)
    note = row.text("description")
    named = _SYMBOL.match(note) if type_ in ("dividend", "tax") else None
    return row.cash(
        cash_type(type_, note),
        row.when("date" if row.text("date") else "settle date"),
        row.amount("amount", "net_amount"),
        row.currency("currency"),
        symbol=named["symbol"] if named else "",
        note=note,
    )


def _traded(row: Row) -> Outcome | Iterable[Outcome]:
    if row.text("datadiscriminator").lower() != "order":
        return row.skipped(_SUMMARY)
    when = row.when("date/time")
    category = row.text("asset category").lower()
    quantity = row.amount("quantity", "quantity")
    if category == "forex":
        return _exchange(row, when)
    if category not in _UNITS:
        raise BadValue(
            f"{row.text('asset category')}: settled daily; enter its gains as interest, its"
            " losses as a fee",
            "type",
        )
    proceeds = row.amount("proceeds", "net_amount")
    fee = -(row.number("comm/fee", "fee") or ZERO)
    buys = quantity > 0
    amount = add(proceeds.copy_abs(), fee) if buys else subtract(proceeds.copy_abs(), fee)
    trade = Trade(
        "buy" if buys else "sell",
        when,
        row.currency("currency"),
        row.text("symbol"),
        quantity.copy_abs(),
        row.number("t. price", "price"),
        amount,
        fee,
        multiplier=_UNITS[category],
    )
    return row.read(trade.entry())


def _exchange(row: Row, when: Moment) -> Iterator[Outcome]:
    """A trade of one currency against another: a transfer of cash each way."""
    pair = row.text("symbol")
    base, _, quote = pair.partition(".")
    quantity = row.amount("quantity", "quantity")
    proceeds = row.number("proceeds", "net_amount")
    if proceeds is None:
        proceeds = -multiply(quantity, row.amount("t. price", "price"))
    yield row.cash("transfer_in", when, quantity, base, note=pair)
    yield row.cash("transfer_in", when, proceeds, quote or row.currency("currency"), note=pair)
    # The commission is in the base currency of the account, whose name the column has.
    charged = next((name for name in row.values if name.startswith("comm in ")), "")
    if charged and (fee := row.number(charged, "fee")):
        currency = charged.removeprefix("comm in ").upper()
        yield row.cash("fee", when, fee, currency, note=f"commission of {pair}")


def _corporate_action(row: Row) -> Outcome:
    if row.text("asset category").lower().startswith("total"):
        return row.skipped(TOTAL)
    said = row.text("description")
    found = _SPLIT.match(said)
    if found is None:
        raise BadValue(
            f"a corporate action, {said!r}: enter by hand what it did to units and cash", "type"
        )
    if row.amount("quantity", "quantity") < 0:
        return row.skipped("the other half of a split")
    ratio = Fraction(int(found["to"]), int(found["of"]) or 1)
    when = row.when("date/time")
    return split(row, when, found["symbol"], row.currency("currency"), ratio=ratio, note=said)


PROFILE: Final = Profile(
    name="ibkr_activity",
    title="Interactive Brokers activity statement",
    required=(
        columns("statement", "header", "field name", "field value"),
        columns("trades", "header", "datadiscriminator", "asset category"),
    ),
    read=_read,
    dates="ymd",
    format="sections",
)
