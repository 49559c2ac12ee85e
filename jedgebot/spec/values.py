"""Values on the command line: defaults and limits."""

import re
from datetime import UTC, date, datetime, time
from decimal import Context, Decimal, InvalidOperation
from typing import TypeVar
from uuid import UUID

Value = str | int | bool | Decimal | date | datetime | time | UUID

DEFAULT_TEXT_MAX = 60  # it becomes one literal in one line of code
EXACT = Context(prec=100)
"""For decimals: Python's own context rounds to 28 digits, also where it only moves the point."""


Kind = TypeVar("Kind")


class ValueRefused(ValueError):
    """A text is not a value of the type; the message says what would be one."""


def narrowed(value: object, kind: type[Kind]) -> Kind:
    """The value, known to be of a type.

    Raises:
        TypeError: it is of another type.
    """
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is no {kind.__name__}.")
    return value


def text(written: str) -> str:
    """Read a text.

    Raises:
        ValueRefused: it is empty or too long.
    """
    if not 1 <= len(written) <= DEFAULT_TEXT_MAX:
        raise ValueRefused(f"a text here has 1 to {DEFAULT_TEXT_MAX} characters")
    return written


def integer(written: str, smallest: int, largest: int) -> int:
    """Read a whole number.

    Raises:
        ValueRefused: it is none, or outside the range.
    """
    # The length is looked at first: Python refuses to read numbers of thousands of digits.
    digits = re.fullmatch(r"-?[0-9]{1,20}", written)
    if digits is None or not smallest <= int(written) <= largest:
        raise ValueRefused(f"a whole number from {smallest} to {largest} is needed")
    return int(written)


def boolean(written: str) -> bool:
    """Read true or false.

    Raises:
        ValueRefused: it is another word.
    """
    if written not in ("true", "false"):
        raise ValueRefused("it is true or false")
    return written == "true"


def decimal(written: str, precision: int, scale: int) -> Decimal:
    """Read a decimal number.

    Raises:
        ValueRefused: it is none, or does not fit without rounding.
    """
    whole = precision - scale
    refusal = ValueRefused(
        f"a number with at most {whole} digits before the point and {scale} after it is needed"
    )
    if not re.fullmatch(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", written):
        raise refusal
    number = EXACT.create_decimal(written)
    try:
        fitted = number.quantize(Decimal(1).scaleb(-scale), context=EXACT)
    except InvalidOperation:
        raise refusal from None
    if fitted != number or (number and number.adjusted() >= whole):
        raise refusal
    shortest = EXACT.add(number.normalize(EXACT), Decimal(0))  # "-0" is 0
    is_whole = fitted == fitted.to_integral_value(context=EXACT)
    return EXACT.quantize(shortest, Decimal(1)) if is_whole else shortest


def day(written: str) -> date:
    """Read a day.

    Raises:
        ValueRefused: it is none.
    """
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", written, re.ASCII):
            return date.fromisoformat(written)
    except ValueError:
        pass
    raise ValueRefused("a day like 2026-01-31 is needed")


def instant(written: str) -> datetime:
    """Read an instant and give it in UTC.

    Raises:
        ValueRefused: it is none, or has no zone.
    """
    pattern = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})"
    try:
        if re.fullmatch(pattern, written, re.ASCII):
            return datetime.fromisoformat(written).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueRefused("an instant like 2026-01-31T12:00:00Z is needed")


def time_of_day(written: str) -> time:
    """Read a time of day.

    Raises:
        ValueRefused: it is none, or has a zone.
    """
    try:
        if re.fullmatch(r"\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?", written, re.ASCII):
            return time.fromisoformat(written)
    except ValueError:
        pass
    raise ValueRefused("a time like 09:30 or 09:30:00 is needed")


def currency(written: str) -> str:
    """Read the code of a currency.

    Raises:
        ValueRefused: it is none.
    """
    if not re.fullmatch(r"[A-Z0-9]{1,10}", written, re.ASCII):
        raise ValueRefused("the code of a currency is needed, such as EUR")
    return written


def uuid(written: str) -> UUID:
    """Read a UUID.

    Raises:
        ValueRefused: it is none.
    """
    if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", written):
        raise ValueRefused("a UUID like 123e4567-e89b-42d3-a456-426614174000 is needed")
    return UUID(written)


def written(value: Value) -> str:
    """A value as the grammar writes it."""
    match value:
        case bool():
            return str(value).lower()
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case time():
            return value.isoformat("minutes" if not (value.second or value.microsecond) else "auto")
        case Decimal():
            return f"{value:f}"
    return str(value)
