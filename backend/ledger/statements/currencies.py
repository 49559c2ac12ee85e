"""Codes of currencies, and prices in pence and the like."""

import re
from decimal import Decimal
from typing import Final

from backend.ledger.exact import EXACT
from backend.ledger.statements.decimals import fitting, shown
from backend.ledger.statements.outcomes import BadValue

# A hundredth of the currency, by the codes that exchanges quote it under. `GBp` and `ZAc` are
# written in this case alone: in capitals the first is the pound itself.
MINOR_UNITS: Final = {
    "GBX": "GBP",
    "GBp": "GBP",
    "ZAc": "ZAR",
    "ZAC": "ZAR",
    "ILA": "ILS",
    "ILa": "ILS",
}
_HUNDREDTH: Final = -2
_CODE = re.compile(r"[A-Z0-9]{1,10}")


def currency_of(text: str) -> tuple[str, bool]:
    """The code of the currency, and whether amounts are in hundredths of it.

    Raises:
        BadValue: it is no code.
    """
    code = text.strip()
    if code in MINOR_UNITS:
        return MINOR_UNITS[code], True
    code = code.upper()
    if not _CODE.fullmatch(code):
        reason = "is missing" if not code else f"is not a code of a currency: {shown(text)}"
        raise BadValue(reason, "currency")
    return code, False


def in_major_units(amount: Decimal | None) -> Decimal | None:
    """A hundredth of it, exactly.

    Raises:
        ValueError: the result has more than 18 decimal places.
    """
    return None if amount is None else fitting(amount.scaleb(_HUNDREDTH, context=EXACT))
