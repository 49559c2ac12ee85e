"""Numbers as brokers write them, read exactly."""

import re
from decimal import Decimal
from typing import Final, Literal

from backend.ledger.exact import EXACT, ONE, ZERO

WHOLE_DIGITS_MAX: Final = 20
PLACES_MAX: Final = 18
_TEXT_MAX: Final = 100

DecimalMark = Literal[".", ",", "?"]
"""What separates the decimals where a number can be read two ways, such as 1.234 or 1,234.

`?` is for files that separate fields by a semicolon and say nothing else: there a comma separates
the decimals, and a number such as 1.234 is refused.
"""

_PLAIN = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,18})?")
_ABSENT = frozenset({"", "-", "--", "\u2013", "\u2014", "n/a", "not available", "null", "none"})
_SPACES = "\u0020\u00a0\u2009\u202f"
_GROUPS = re.compile(f"[{_SPACES}'\u2019]")
_CURRENCY = (
    r"(?:[A-Z]{1,3})?[$\u20ac\u00a3\u00a5\u20b9\u20bd\u20a9\u20ba\u20bf\u20ab\u20aa]|[A-Z]{3}"
)
_MINUS = "-\u2212"
_SHAPE = re.compile(
    rf"(?P<sign>[{_MINUS}+]?)\s*(?:{_CURRENCY})?\s*(?P<sign2>[{_MINUS}+]?)\s*"
    rf"(?P<digits>[0-9.,](?:[0-9.,{_SPACES}'\u2019]*[0-9.,])?)"
    rf"(?P<exponent>[eE][-+]?[0-9]{{1,9}})?\s*(?:{_CURRENCY})?\s*(?P<sign3>[{_MINUS}]?)"
)
_WHOLE = re.compile(
    r"[0-9]*|[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{1,3}(?:'[0-9]{3})+"
)


def number(text: str, mark: DecimalMark = ".") -> Decimal | None:
    """The number that a text says, or None where it says that there is none.

    Takes a currency sign or code, signs before and after, parentheses for a negative number,
    groups of three by comma, point, apostrophe or space, and an exponent.

    Raises:
        ValueError: it is no number, can be read two ways, or has more than 20 digits before
            the decimal point or 18 after it.
    """
    if mark == "." and _PLAIN.fullmatch(text):
        return Decimal(text)
    text = text.strip()
    if text.lower() in _ABSENT:
        return None
    if len(text) > _TEXT_MAX:
        raise ValueError("is too long for a number")
    in_parentheses = text[0] == "(" and text[-1] == ")"
    shape = _SHAPE.fullmatch(text[1:-1].strip() if in_parentheses else text)
    if shape is None:
        raise ValueError(f"is not a number: {shown(text)}")
    signs = [shape["sign"], shape["sign2"], shape["sign3"]]
    if sum(map(bool, signs)) + in_parentheses > 1:
        raise ValueError(f"has two signs: {shown(text)}")
    value = fitting(Decimal(_digits(shape["digits"], mark) + (shape["exponent"] or "")))
    negative = in_parentheses or any(sign and sign in _MINUS for sign in signs)
    return value.copy_negate() if negative and value else value


def fitting(value: Decimal) -> Decimal:
    """The value, written so that it has at most 20 digits before the point and 18 after it.

    Raises:
        ValueError: it has more.
    """
    if not value.is_finite():
        raise ValueError("is not a finite number")
    exponent = value.as_tuple().exponent
    if not value:
        return value if isinstance(exponent, int) and -PLACES_MAX <= exponent <= 0 else ZERO
    if value.adjusted() >= WHOLE_DIGITS_MAX:
        raise ValueError(f"has more than {WHOLE_DIGITS_MAX} digits before the decimal point")
    if isinstance(exponent, int) and exponent < -PLACES_MAX:
        value = value.normalize(EXACT)
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and exponent < -PLACES_MAX:
            raise ValueError(f"has more than {PLACES_MAX} decimal places")
    if isinstance(exponent, int) and exponent > 0:
        value = value.quantize(ONE, context=EXACT)
    return value


def shown(text: str) -> str:
    """A text as an error shows it: quoted, without control characters, cut after 40 characters."""
    return ascii(text if len(text) <= 40 else text[:37] + "...")  # noqa: PLR2004  # one line's worth


def _digits(digits: str, mark: DecimalMark) -> str:
    """Digits with groups and either decimal mark, as digits with a point."""
    digits = _GROUPS.sub("'", digits)
    last = max(digits.rfind("."), digits.rfind(","))
    whole, fraction = digits, ""
    if last >= 0 and _separates_decimals(digits, last, mark):
        whole, fraction = digits[:last], digits[last + 1 :]
    if not (whole or fraction) or not _WHOLE.fullmatch(whole) or "'" in fraction:
        raise ValueError(f"is not a number: {shown(digits)}")
    for separator in ",.'":
        whole = whole.replace(separator, "")
    return f"{whole or '0'}.{fraction or '0'}" if fraction else whole or "0"


def _separates_decimals(digits: str, last: int, mark: DecimalMark) -> bool:
    separator = digits[last]
    if digits.count(separator) > 1:
        return False
    before, after = digits[:last], len(digits) - last - 1
    if "," in before or "." in before or "'" in before:
        return True
    if after != 3 or not 1 <= len(before) <= 3 or before[0] == "0":  # noqa: PLR2004  # a group
        return True
    if mark == "?":
        if separator == ".":
            raise ValueError(
                f"can be read two ways: {shown(digits)}; write it with a comma, or the file with"
                " commas between fields"
            )
        return True
    return separator == mark
