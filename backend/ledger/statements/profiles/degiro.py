"""DEGIRO: account statement, in the languages whose words are known."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple

from backend.ledger.entries import EntryType
from backend.ledger.statements.currencies import currency_of, in_major_units
from backend.ledger.statements.decimals import number
from backend.ledger.statements.moments import Moment
from backend.ledger.statements.outcomes import BadValue, Outcome
from backend.ledger.statements.profile import Profile, columns
from backend.ledger.statements.row import Context, Row, each, unknown
from backend.ledger.statements.trades import SplitPairs, Trade

_BUY: Final = "koop|buy|kauf|compra|achat|acquisto|k\u00f8b|k\u00f6p"
_SELL: Final = "verkoop|sell|verkauf|venta|venda|vente|vendita|salg|s\u00e4lj"
_TRADE: Final = re.compile(
    rf"(?:(?P<buy>{_BUY})|(?P<sell>{_SELL})) (?P<quantity>[0-9][0-9.,' ]*?)(?: [^0-9@\s].*?)?"
    r"\s*@\s*(?P<price>[0-9][0-9.,']*) (?P<currency>[A-Za-z]{3})\b.*",
    re.IGNORECASE,
)
_SPLIT: Final = re.compile(
    r"(?:aandelensplitsing|aktiensplit|stock ?split|split)\s*:\s*(?P<trade>.*)", re.IGNORECASE
)


class _Kind(NamedTuple):
    words: re.Pattern[str]
    type: EntryType | None
    reason: str = ""


def _kind(words: str, type_: EntryType | None, reason: str = "") -> _Kind:
    return _Kind(re.compile(words, re.IGNORECASE), type_, reason)


_MOVED: Final = "a movement between accounts at the broker"

# The first that fits counts. Without a type and with a reason the row is passed over.
_KINDS: Final = (
    _kind(
        r"cash sweep|geldrekening|reservation|processed flatex|geldkonto bei|cash account",
        None,
        _MOVED,
    ),
    _kind(
        r"dividendbelasting|dividend tax|dividendensteuer|kapitalertrag|quellensteuer"
        r"|imp\u00f4ts? sur dividende|retenci\u00f3n|ritenuta|imposto sobre dividendo",
        "tax",
    ),
    _kind(
        r"valuta (cred|deb)itering|fx (credit|debit)|w\u00e4hrungswechsel|cambio de divisa"
        r"|op\u00e9ration de change|cambio valuta|c\u00e2mbio",
        "transfer_in",
    ),
    _kind(
        r"financial transaction tax|stamp duty|beurstaks|transactietaks|taxe sur les trans", "tax"
    ),
    _kind(r"kosten|\bfees?\b|geb\u00fchr|comis|commissioni|\bfrais\b|costi", "fee"),
    _kind(r"^(contante )?dividend[eo]?\b", "dividend"),
    _kind(
        r"kapitaaluitkering|return of capital|capital return|kapitalr\u00fcckzahlung",
        "return_of_capital",
    ),
    _kind(r"\brente|interest|zinsen|int\u00e9r\u00eat|interess", "interest"),
    _kind(r"terugstorting|withdrawal|auszahlung|retrait|prelievo|retirada|levantamento", "deposit"),
    _kind(r"deposit|storting|einzahlung|ingreso|versement|deposito|dep\u00f3sito", "deposit"),
)


def _read(rows: Iterable[Row], _context: Context) -> Iterator[Outcome]:
    splits = SplitPairs()
    yield from each(_joined(rows), lambda row: _row(row, splits))
    yield from splits.unpaired()


def _joined(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows, with what was wrapped onto a line of its own put back where it came from."""
    before: Row | None = None
    for row in rows:
        wrapped = {name: text for name, text in row.values.items() if text}
        if before is not None and wrapped and wrapped.keys() <= {"description", "order id"}:
            for name, text in wrapped.items():
                joint = " " if name == "description" else ""
                before.values[name] = f"{before.values.get(name, '')}{joint}{text}".strip()
            continue
        if before is not None:
            yield before
        before = row
    if before is not None:
        yield before


def _row(row: Row, splits: SplitPairs) -> Outcome | Iterable[Outcome]:
    when = row.when("date", "time")
    said = " ".join(row.text("description").split())
    order = row.text("order id")
    note = f"{said} ({order})" if order else said
    if trade := _TRADE.fullmatch(said):
        return row.read(_trade(row, when, trade).entry(), note=note)
    if found := _SPLIT.fullmatch(said):
        return _split(row, when, splits, found["trade"])
    if ":" in said and _TRADE.fullmatch(said.partition(":")[2].strip()):
        raise BadValue(
            f"a corporate action, {said!r}: enter a transfer_out of the old and a transfer_in of"
            " the new units with their basis",
            "type",
        )
    for kind in _KINDS:
        if kind.words.search(said):
            if kind.type is None:
                return row.skipped(kind.reason)
            if not row.text("change+1"):
                return row.skipped("a line without an amount")
            amount = row.amount("change+1", "net_amount")
            named = "" if kind.type in ("deposit", "transfer_in") else row.text("isin", "product")
            return row.cash(
                kind.type, when, amount, row.currency("change"), symbol=named, note=note
            )
    raise unknown("the description", said)


def _trade(row: Row, when: Moment, said: re.Match[str]) -> Trade:
    """The purchase or sale that a description says; the amount beside it is the cash."""
    mark = row.context.mark
    price = number(said["price"], mark)
    quantity = number(said["quantity"].strip(), mark)
    if quantity is None:
        raise BadValue("the description has no number of units", "quantity")
    currency, minor = currency_of(said["currency"])
    amount = row.size("change+1", "net_amount")
    paid_in = row.currency("change") if row.text("change") else currency
    if amount is not None and paid_in != currency:
        price, currency = None, paid_in
    elif minor and price is not None:
        price = in_major_units(price)
    type_: Literal["buy", "sell"] = "sell" if said["sell"] else "buy"
    return Trade(type_, when, currency, row.text("isin", "product"), quantity, price, amount)


def _split(row: Row, when: Moment, splits: SplitPairs, said: str) -> Iterator[Outcome]:
    trade = _TRADE.fullmatch(said)
    quantity = number(trade["quantity"].strip(), row.context.mark) if trade else None
    if trade is None or not quantity:
        raise BadValue("enter a split with the ratio announced", "ratio_numerator")
    key = row.text("isin", "product")
    return splits.half(row, when, key, quantity, opens=trade["sell"] is None)


_DUTCH: Final = {
    "datum": "date",
    "tijd": "time",
    "omschrijving": "description",
    "mutatie": "change",
}
_GERMAN: Final = {
    "uhrzeit": "time",
    "produkt": "product",
    "beschreibung": "description",
    "\u00e4nderung": "change",
    "order-id": "order id",
}

PROFILE: Final = Profile(
    name="degiro",
    title="DEGIRO",
    required=(columns("date", "time", "product", "isin", "description", "change"),),
    renamed=_DUTCH | _GERMAN,
    read=_read,
    mark=",",
    dates="dmy",
    newest_first=True,
)
