"""The layout of our own columns by their names, which `export` writes."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final, cast, get_args

from backend.ledger.entries import Entry, EntryType
from backend.ledger.exact import ONE, ZERO
from backend.ledger.statements.currencies import code_of
from backend.ledger.statements.decimals import number, shown
from backend.ledger.statements.moments import Moment, instant, moment
from backend.ledger.statements.outcomes import (
    NO_ID,
    SOURCE_MAX,
    BadValue,
    Outcome,
    ReadRow,
)
from backend.ledger.statements.profile import Profile, columns
from backend.ledger.statements.row import Context, Row, each

NAME: Final = "generic"

COLUMNS: Final = (
    "type",
    "trade_date",
    "executed_at",
    "sequence",
    "symbol",
    "quantity",
    "price",
    "fee",
    "tax",
    "net_amount",
    "currency",
    "fx_rate",
    "settle_currency",
    "multiplier",
    "ratio_numerator",
    "ratio_denominator",
    "source",
    "external_id",
    "note",
)
"""The columns in the order in which they are written."""

INTEGER_MAX: Final = 2**31 - 1

_TYPES: Final[dict[str, EntryType]] = {
    name: cast("EntryType", name) for name in get_args(EntryType)
} | {
    "bought": "buy",
    "sold": "sell",
    "dividends": "dividend",
    "return of capital": "return_of_capital",
    "transfer in": "transfer_in",
    "transfer out": "transfer_out",
}

_SIGNS: Final[dict[EntryType, int]] = {
    "deposit": 1,
    "dividend": 1,
    "interest": 1,
    "return_of_capital": 1,
    "withdrawal": -1,
    "fee": -1,
    "tax": -1,
}


def _read(rows: Iterable[Row], _context: Context) -> Iterator[Outcome]:
    return each(rows, _transaction, texts=False)


def _transaction(row: Row) -> ReadRow:
    values = row.values.get
    context = row.context
    when = _when(row)
    currency = code_of(values("currency") or context.currency or "")
    mark = context.mark

    def decimal(name: str) -> Decimal | None:
        text = values(name)
        if not text:
            return None
        try:
            return number(text, mark)
        except ValueError as error:
            raise BadValue(str(error), name) from error

    type_ = _type(values("type") or "")
    price, net = decimal("price"), decimal("net_amount")
    if net is None and price is None and values("amount"):
        net = _signed(row, type_)
    settle = values("settle_currency")
    entry = Entry(
        NO_ID,
        type_,
        when.day,
        currency,
        when.instant,
        _integer(values("sequence"), "sequence") or 0,
        values("symbol") or values("isin") or None,
        decimal("quantity"),
        price,
        decimal("fee") or ZERO,
        decimal("tax") or ZERO,
        net,
        decimal("multiplier") or ONE,
        decimal("fx_rate"),
        _settle_currency(settle) if settle else None,
        _integer(values("ratio_numerator"), "ratio_numerator"),
        _integer(values("ratio_denominator"), "ratio_denominator"),
    )
    source = values("source") or context.source
    external_id = values("external_id") or None
    if len(source) > SOURCE_MAX:
        raise BadValue(f"is longer than {SOURCE_MAX} characters", "source")
    return ReadRow(row.line, entry, source, external_id, values("note") or None)


def _type(text: str) -> EntryType:
    found = _TYPES.get(text) or _TYPES.get(text.lower())
    if found is None:
        reason = f"is not a type: {shown(text)}" if text else "is missing"
        raise BadValue(f"{reason}; types are {', '.join(get_args(EntryType))}", "type")
    return found


def _signed(row: Row, type_: EntryType) -> Decimal | None:
    """What a column `amount` without a sign does to cash, where it says all of it."""
    if type_ not in _SIGNS or (type_ in ("fee", "tax") and row.values.get(type_)):
        return None
    amount = row.number("amount", "net_amount")
    if amount is None:
        return None
    if amount < 0 and type_ in ("fee", "tax"):
        raise BadValue("amount has a sign: write what it does to cash as net_amount", "net_amount")
    return -amount.copy_abs() if _SIGNS[type_] < 0 else amount


def _settle_currency(text: str) -> str:
    try:
        return code_of(text)
    except BadValue as error:
        raise BadValue(error.reason, "settle_currency") from error


def _when(row: Row) -> Moment:
    """The date, and the instant that stands in a column of its own or behind the date."""
    text = row.values.get("trade_date")
    if not text:
        raise BadValue("is missing", "trade_date")
    try:
        when = moment(text, "iso", row.context.zone)
    except ValueError as error:
        raise BadValue(str(error), "trade_date") from error
    executed_at = row.values.get("executed_at")
    if not executed_at:
        return when
    try:
        if len(executed_at) > len("2024-05-31"):
            return Moment(when.day, moment(executed_at, "iso", row.context.zone).instant)
        return Moment(when.day, instant(when.day, executed_at, row.context.zone))
    except ValueError as error:
        raise BadValue(str(error), "executed_at") from error


def _integer(text: str | None, field: str) -> int | None:
    if not text:
        return None
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(INTEGER_MAX))):
        raise BadValue(f"is not a whole number: {shown(text)}", field)
    value = int(text)
    if not -INTEGER_MAX - 1 <= value <= INTEGER_MAX:
        raise BadValue(f"is not within {-INTEGER_MAX - 1} and {INTEGER_MAX}", field)
    return value


PROFILE: Final = Profile(
    name=NAME,
    title="JedgeBot's own layout",
    required=(columns("type", "trade_date"),),
    renamed={"date": "trade_date"},
    read=_read,
    format="any",
    in_base_currency=True,
)
