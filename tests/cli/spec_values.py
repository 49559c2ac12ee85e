"""Random limits and defaults of the types in the field grammar."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

from hypothesis import strategies as st

from jedgebot.spec import types
from jedgebot.spec.values import EXACT, Value


def limits_of(kind: types.FieldType) -> st.SearchStrategy[Value] | None:
    """Values that `min` and `max` may have."""
    found: st.SearchStrategy[Value] | None = None
    match kind:
        case types.Str(length=length):
            found = st.integers(0, length)
        case types.LongText() | types.Bytes():
            found = st.integers(0, 300)
        case types.Int(largest=largest):
            found = st.integers(-largest - 1, largest)
        case types.ExactDecimal(precision=precision, scale=scale):
            largest = 10**precision - 1
            found = st.integers(-largest, largest).map(
                lambda n: _plain(Decimal(n).scaleb(-scale, EXACT))
            )
        case types.Day():
            found = st.dates(date(1, 1, 2), date(9999, 12, 30))
        case types.Instant():
            limits = (datetime(1, 1, 2), datetime(9999, 12, 30))  # noqa: DTZ001 - below it has one
            found = st.datetimes(*limits, timezones=st.just(UTC))
        case types.Time():
            found = st.one_of(st.times(), st.builds(time, st.integers(0, 23)))
    return found


def defaults_of(kind: types.FieldType) -> st.SearchStrategy[Value] | None:
    """Values that `default` may have."""
    found: st.SearchStrategy[Value] | None = limits_of(kind)
    match kind:
        case types.Str(length=length):
            found = st.text("abc09.-_", min_size=1, max_size=min(length, 20))
        case types.LongText():
            found = st.text("abc09.-_", min_size=1, max_size=20)
        case types.Bytes():
            found = None
        case types.Bool():
            found = st.booleans()
        case types.Uuid():
            found = st.uuids()
        case types.Choice(words=words):
            found = st.sampled_from(words)
        case types.Currency():
            found = st.sampled_from(["EUR", "USDT"])
        case types.Timezone():
            found = st.sampled_from(["UTC", "Japan"])
    return found


def _plain(number: Decimal) -> Decimal:
    """The shortest way to write a number without an exponent."""
    return Decimal(f"{number:f}".rstrip("0").rstrip(".")) if "." in f"{number:f}" else number
