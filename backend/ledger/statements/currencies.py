"""Codes of currencies, and prices in pence and the like."""

import re
from decimal import Decimal
from typing import Final

from backend.ledger.entries import Entry
from backend.ledger.exact import EXACT
from backend.ledger.faults import MINOR_UNITS
from backend.ledger.statements.decimals import fitting, shown
from backend.ledger.statements.outcomes import BadValue

_HUNDREDTH: Final = -2
_CODE = re.compile(r"[A-Z0-9]{1,10}")


def code_of(text: str) -> str:
    """The code of the currency; one of a hundredth stays as it is, see `major_units`.

    Raises:
        BadValue: it is no code.
    """
    code = text.strip()
    if code in MINOR_UNITS:
        return code
    code = code.upper()
    if not _CODE.fullmatch(code):
        reason = f"is not a code of a currency: {shown(text)}" if code else "is missing"
        raise BadValue(reason, "currency")
    return code


def currency_of(text: str) -> tuple[str, bool]:
    """The code of the currency, and whether amounts are in hundredths of it.

    Raises:
        BadValue: it is no code.
    """
    code = code_of(text)
    return MINOR_UNITS.get(code, code), code in MINOR_UNITS


def in_major_units(amount: Decimal) -> Decimal:
    """A hundredth of it, exactly.

    Raises:
        BadValue: the result has more than 18 decimal places.
    """
    try:
        return fitting(amount.scaleb(_HUNDREDTH, context=EXACT))
    except ValueError as error:
        raise BadValue(f"in hundredths of a currency: {error}", "currency") from error


def major_units(values: Entry) -> Entry:
    """The entry with all amounts in the currency itself, if they are in hundredths of it.

    Raises:
        BadValue: an amount has more than 18 decimal places then.
    """
    major = MINOR_UNITS.get(values.currency)
    if major is None:
        return values
    price, net = values.price, values.net_amount
    return values._replace(
        currency=major,
        price=None if price is None else in_major_units(price),
        fee=in_major_units(values.fee),
        tax=in_major_units(values.tax),
        net_amount=None if net is None else in_major_units(net),
    )
