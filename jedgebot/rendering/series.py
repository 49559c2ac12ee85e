"""Series of valid values of a field: one for each number, written as an expression of it."""

from abc import ABC, abstractmethod
from base64 import b64encode
from dataclasses import dataclass
from uuid import UUID

from pydantic import JsonValue

from backend.core.schemas import iana_names
from jedgebot.rendering.code import Code, code, literal_of, quoted
from jedgebot.rendering.kinds import limits_of
from jedgebot.rendering.units import Units, units_of
from jedgebot.spec import types, words
from jedgebot.spec.table import FieldSpec
from jedgebot.spec.values import narrowed

MANY = 1_000_000
"""As many values as nobody makes rows for a test: so long a series does not start again."""
_ENOUGH = 100
"""Values of a field in which rows may be alike."""
_MANY_DIGITS = 7
_FEW_DIGITS = 2
_PHRASE_MAX = 30  # so that its line fits, whatever the column is called
_WORDS = 3
_ZONES = 400  # fewer than any edition of the time zone database has


@dataclass(frozen=True)
class Series(ABC):
    """Different valid values of a field; after the last one it starts again.

    Attributes:
        capacity: how many there are; of a long series it is `MANY` or more.
    """

    capacity: int

    def wire(self, number: int) -> JsonValue:
        """The value with a number, as the API answers it."""
        return self._at(number if self.capacity >= MANY else number % self.capacity)

    def expression(self, number: str = "number") -> Code:
        """Python for the value with a number.

        Args:
            number: the number as Python writes it.
        """
        if self.capacity == 1:
            return literal_of(self._at(0))
        return self._written(number if self.capacity >= MANY else f"{number} % {self.capacity}")

    @abstractmethod
    def _at(self, index: int) -> JsonValue: ...

    @abstractmethod
    def _written(self, index: str) -> Code: ...


@dataclass(frozen=True)
class _Ladder(Series):
    units: Units
    start: int
    step: int

    def _at(self, index: int) -> JsonValue:
        return self.units.wire(self.units.value(self.start + index * self.step))

    def _written(self, index: str) -> Code:
        return self.units.expression(self.start, self.step, index)


@dataclass(frozen=True)
class _Words(Series):
    words: tuple[str, ...]

    def _at(self, index: int) -> JsonValue:
        return self.words[index]

    def _written(self, index: str) -> Code:
        return code(f"({', '.join(map(quoted, self.words))})[{index}]")


class _Truths(Series):
    def _at(self, index: int) -> JsonValue:
        return index == 1

    def _written(self, index: str) -> Code:
        return code(f"{index} == 1")


@dataclass(frozen=True)
class _Texts(Series):
    """Texts with the number in them, written with `width` digits at least."""

    before: str = ""
    after: str = ""
    width: int = 1

    def _at(self, index: int) -> JsonValue:
        return f"{self.before}{index:0{self.width}}{self.after}"

    def _written(self, index: str) -> Code:
        if (self.before, self.after, self.width) == ("", "", 1):
            return code(f"str({index})")
        width = f":0{self.width}" if self.width > 1 else ""
        return code(f'f"{self.before}{{{index}{width}}}{self.after}"')


class _Uuids(Series):
    def _at(self, index: int) -> JsonValue:
        return str(UUID(int=index))

    def _written(self, index: str) -> Code:
        return code(f"str(UUID(int={index}))", ("uuid", "UUID"))


class _Documents(Series):
    def _at(self, index: int) -> JsonValue:
        return {"number": index}

    def _written(self, index: str) -> Code:
        return code(f'{{"number": {index}}}')


@dataclass(frozen=True)
class _Bytes(Series):
    width: int

    def _at(self, index: int) -> JsonValue:
        return b64encode(index.to_bytes(self.width, "big")).decode()

    def _written(self, index: str) -> Code:
        number = index if index.isidentifier() else f"({index})"
        return code(
            f'b64encode({number}.to_bytes({self.width}, "big")).decode()', ("base64", "b64encode")
        )


class _Zones(Series):
    def _at(self, index: int) -> JsonValue:
        return sorted(iana_names())[index]

    def _written(self, index: str) -> Code:
        return code(f"sorted(iana_names())[{index}]", ("backend.core.schemas", "iana_names"))


_NOTHING = _Words(1, ("",))
_PLAIN: dict[type[types.FieldType], Series] = {
    types.Bool: _Truths(2),
    types.Json: _Documents(MANY),
    types.Email: _Texts(MANY, "user", "@example.com"),
    types.Url: _Texts(MANY, "https://example.com/"),
    types.Currency: _Words(_WORDS, ("CHF", "EUR", "USD")),
    types.Timezone: _Words(_WORDS, ("Africa/Cairo", "Asia/Tokyo", "Europe/Zurich")),
}
_MORE: dict[type[types.FieldType], Series] = {
    types.Currency: _Texts(MANY, "X"),
    types.Timezone: _Zones(_ZONES),
}
"""For fields in which rows must differ."""


def series_of(field: FieldSpec, *, differ: bool = False) -> Series:
    """The values of a field that is no reference.

    Args:
        field: whose values they are.
        differ: whether rows must differ in it, so that all values have to be there.
    """
    kind = field.type
    units = units_of(kind)
    if units is not None:
        return _ladder(field, units, MANY if differ else _ENOUGH)
    found: Series = _PLAIN.get(type(kind), _Uuids(MANY))
    match kind:
        case types.Str() | types.LongText():
            found = _texts(field, differ=differ)
        case types.Bytes():
            found = _bytes(field)
        case types.Choice(words=choices):
            chosen = choices if differ else choices[:_WORDS]
            found = _Words(len(chosen), chosen)
        case types.TextKind() if differ and type(kind) in _MORE:
            found = _MORE[type(kind)]
    return found


def _texts(field: FieldSpec, *, differ: bool) -> Series:
    low, high = _lengths(field)
    phrase = words.spaced(field.column)[:_PHRASE_MAX].strip()
    for digits, capacity in ((_MANY_DIGITS, MANY), (_FEW_DIGITS, _ENOUGH)):
        if low <= len(f"{phrase} 0") and len(f"{phrase} ") + digits <= high:
            return _Texts(capacity, f"{phrase} ")
        if differ:
            break
    width = max(low, min(high, _MANY_DIGITS))
    if width == 0:
        return _NOTHING
    return _Texts(MANY if width >= _MANY_DIGITS else 10**width, width=width)


def _bytes(field: FieldSpec) -> Series:
    low, high = _lengths(field)
    width = max(low, min(high, 4))
    if width == 0:
        return _NOTHING
    return _Bytes(int(min(MANY, 256 ** min(width, 4))), width)


def _lengths(field: FieldSpec) -> tuple[int, int]:
    low, high = limits_of(field)
    return narrowed(low, int), narrowed(high, int)


def _ladder(field: FieldSpec, units: Units, wanted: int) -> Series:
    """Values that read well, if there are as many of them as wanted or as the field has."""
    least, greatest = units.ends
    low, high = limits_of(field)
    lowest = least if low is None else units.count(low)
    highest = greatest if high is None else units.count(high)
    wanted = min(wanted, highest - lowest + 1)
    start, step = units.pleasant
    choices = [(start, step), (start, 1)]
    if lowest > least:
        choices.append((lowest, step))
    choices.append((highest - (wanted - 1) * step, step))
    for first, between in choices:
        count = (highest - first) // between + 1
        if lowest <= first and count >= wanted:
            return _Ladder(count, units, first, between)
    return _Ladder(highest - lowest + 1, units, lowest, 1)
