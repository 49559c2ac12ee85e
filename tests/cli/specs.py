"""Random specifications of tables: every type and flag of the field grammar."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from keyword import iskeyword

from hypothesis import strategies as st

from jedgebot.errors import Misuse
from jedgebot.spec import types
from jedgebot.spec.coherence import check_field
from jedgebot.spec.reserved import FIELD_NAMES, SQL_WORDS
from jedgebot.spec.table import FieldSpec, TableSpec
from jedgebot.spec.values import EXACT, Value

PARENTS = {
    "portfolios": TableSpec(
        "portfolios",
        "portfolio",
        (
            FieldSpec("name", types.Str(80), unique=True),
            FieldSpec("account", types.Ref("accounts")),
            FieldSpec("note", types.LongText(), nullable=True),
        ),
    ),
    "accounts": TableSpec(
        "accounts",
        "account",
        (FieldSpec("code", types.Str(3), unique=True), FieldSpec("opened", types.Day())),
    ),
}
"""Tables that the random ones refer to."""

_RESERVED = SQL_WORDS | FIELD_NAMES.keys()
_WORDS = st.sampled_from(
    """
    name note price quantity side text string field date enum decimal uuid literal index base
    instant exact mapped class kind type open close high low key value number body row row2
    """.split()  # noqa: SIM905 - a list would take a line for each word
)
_NAMES = (
    st.lists(_WORDS, min_size=1, max_size=3)
    .map("_".join)
    .filter(lambda name: name not in _RESERVED and not iskeyword(name) and len(name) < 30)
)
_CHOICES = st.lists(
    st.text("abcXYZ019_.-", min_size=1, max_size=12), min_size=1, max_size=5, unique=True
)


@st.composite
def decimals(draw: st.DrawFn) -> types.ExactDecimal:
    precision = draw(st.integers(1, types.PRECISION_MAX))
    return types.ExactDecimal(precision, draw(st.integers(0, min(precision, types.SCALE_MAX))))


_TYPES: st.SearchStrategy[types.FieldType] = st.one_of(
    st.builds(types.Str, st.one_of(st.integers(1, 12), st.integers(1, types.LENGTH_MAX))),
    st.builds(types.LongText),
    st.builds(types.Int),
    st.builds(types.BigInt),
    st.builds(types.Bool),
    decimals(),
    st.builds(types.Day),
    st.builds(types.Instant),
    st.builds(types.Uuid),
    st.builds(types.Json),
    _CHOICES.map(tuple).map(types.Choice),
    st.sampled_from(
        [types.Ref("portfolios"), types.Ref("accounts"), types.Ref("users", owned=False)]
    ),
)


def _limits(kind: types.FieldType) -> st.SearchStrategy[Value] | None:
    """Values that `min` and `max` may have."""
    found: st.SearchStrategy[Value] | None = None
    match kind:
        case types.Str(length=length):
            found = st.integers(0, length)
        case types.LongText():
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
    return found


def _plain(number: Decimal) -> Decimal:
    """The shortest way to write a number without an exponent."""
    return Decimal(f"{number:f}".rstrip("0").rstrip(".")) if "." in f"{number:f}" else number


def _defaults(kind: types.FieldType) -> st.SearchStrategy[Value] | None:
    """Values that `default` may have."""
    found: st.SearchStrategy[Value] | None = _limits(kind)
    match kind:
        case types.Str(length=length):
            found = st.text("abc09.-_", min_size=1, max_size=min(length, 20))
        case types.LongText():
            found = st.text("abc09.-_", min_size=1, max_size=20)
        case types.Bool():
            found = st.booleans()
        case types.Uuid():
            found = st.uuids()
        case types.Choice(words=words):
            found = st.sampled_from(words)
    return found


@st.composite
def fields(draw: st.DrawFn, name: str) -> FieldSpec:
    """One field that the grammar accepts."""
    field = FieldSpec(name, draw(_TYPES), nullable=draw(st.booleans()))
    limits, defaults = _limits(field.type), _defaults(field.type)
    if limits is not None and draw(st.booleans()):
        low, high = sorted(draw(st.tuples(limits, limits)), key=_comparable)
        own_low, own_high = field.type.bounds
        field = replace(
            field,
            minimum=None if low == own_low else low,
            maximum=None if high == own_high else high,
        )
    candidates = [replace(field, unique=True), replace(field, index=True)]
    if defaults is not None:
        candidates.append(replace(field, default=draw(defaults)))
    accepted = [one for one in candidates if _is_accepted(one)]
    return draw(st.sampled_from([field, *accepted]))


@st.composite
def tables(draw: st.DrawFn) -> TableSpec:
    """One table that the grammar accepts."""
    names = draw(st.lists(_NAMES, min_size=1, max_size=8, unique=True))
    found: list[FieldSpec] = []
    for name in names:
        field = draw(fields(name))
        if not any(field.column == other.column for other in found):
            found.append(field)
    return TableSpec("samples", "sample", tuple(found))


def _is_accepted(field: FieldSpec) -> bool:
    try:
        check_field(field)
    except Misuse:
        return False
    return True


def _comparable(value: Value) -> int:
    """All values that are compared are of one type, which only the caller knows."""
    return value  # type: ignore[return-value]


def written(field: FieldSpec) -> str:
    """The field as the command line takes it."""
    parts = [field.name, field.type.written]
    flags = {"null": field.nullable, "unique": field.unique, "index": field.index}
    parts += [flag for flag, is_set in flags.items() if is_set]
    for flag, value in (
        ("default", field.default),
        ("min", field.minimum),
        ("max", field.maximum),
    ):
        if value is not None:
            parts.append(f"{flag}={_written_value(value)}")
    return ":".join(parts)


def _written_value(value: Value) -> str:
    match value:
        case bool():
            return str(value).lower()
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case Decimal():
            return f"{value:f}"
    return str(value)
