"""Ordered values as steps on a ladder of whole numbers, so that all of them are counted alike."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from jedgebot.rendering.code import Code, code, literal
from jedgebot.spec import types
from jedgebot.spec.table import FieldSpec
from jedgebot.spec.values import EXACT, Value, narrowed

STEPS = 99
"""More rows than the generated tests make; a unique field has more values than this."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)


class Units(ABC):
    """How the values of a type are counted."""

    @abstractmethod
    def count(self, value: Value) -> int:
        """The number of a value."""

    @abstractmethod
    def value(self, count: int) -> Value:
        """The value with a number.

        Raises:
            OverflowError: there is none.
        """

    @abstractmethod
    def wire(self, value: Value) -> str | int:
        """The value as the API answers it."""

    @abstractmethod
    def rungs(self) -> tuple[int, int]:
        """Where a ladder begins that reads well, and how far apart its rungs are."""

    @abstractmethod
    def expression(self, start: int, step: int) -> Code:
        """An expression of `number` for the wire value at that rung."""


class _Whole(Units):
    def count(self, value: Value) -> int:
        return narrowed(value, int)

    def value(self, count: int) -> Value:
        return count

    def wire(self, value: Value) -> str | int:
        return self.count(value)

    def rungs(self) -> tuple[int, int]:
        return 0, 1

    def expression(self, start: int, _step: int) -> Code:
        return code(f"{start} + number" if start else "number")


@dataclass(frozen=True)
class _Places(Units):
    scale: int

    def count(self, value: Value) -> int:
        return int(narrowed(value, Decimal).scaleb(self.scale, EXACT))

    def value(self, count: int) -> Value:
        return Decimal(count).scaleb(-self.scale, EXACT)

    def wire(self, value: Value) -> str | int:
        return f"{value:.{self.scale}f}"

    def rungs(self) -> tuple[int, int]:
        return (10**self.scale // 2, 10**self.scale)

    def expression(self, start: int, step: int) -> Code:
        if self.scale == 0:
            return code(f"str({start} + number)" if start else "str(number)")
        first, between = literal(self.value(start)), literal(self.value(step))
        added = "number" if step == 10**self.scale else f"number * {between}"
        return Code(f'format({first} + {added}, "f")', first.imports)


class _Days(Units):
    def count(self, value: Value) -> int:
        return narrowed(value, date).toordinal()

    def value(self, count: int) -> Value:
        if not date.min.toordinal() <= count <= date.max.toordinal():
            raise OverflowError(count)
        return date.fromordinal(count)

    def wire(self, value: Value) -> str | int:
        return str(value)

    def rungs(self) -> tuple[int, int]:
        return date(2026, 1, 1).toordinal(), 1

    def expression(self, start: int, _step: int) -> Code:
        day = literal(self.value(start))
        return Code(
            f"str({day} + timedelta(days=number))", day.imports | {("datetime", "timedelta")}
        )


class _Microseconds(Units):
    def count(self, value: Value) -> int:
        return (narrowed(value, datetime) - _EPOCH) // _MICROSECOND

    def value(self, count: int) -> Value:
        return _EPOCH + count * _MICROSECOND

    def wire(self, value: Value) -> str | int:
        return narrowed(value, datetime).isoformat().replace("+00:00", "Z")

    def rungs(self) -> tuple[int, int]:
        return self.count(datetime(2026, 1, 1, 12, 30, tzinfo=UTC)), _DAY // _MICROSECOND

    def expression(self, start: int, step: int) -> Code:
        instant = literal(self.value(start))
        moved = f"{instant} + timedelta(microseconds={step} * number)"
        if step == _DAY // _MICROSECOND:
            moved = f"{instant} + timedelta(days=number)"
        return Code(
            f'({moved}).isoformat().replace("+00:00", "Z")',
            instant.imports | {("datetime", "timedelta")},
        )


@dataclass(frozen=True)
class Ladder:
    """The valid values of an ordered field, from low to high."""

    units: Units
    start: int
    step: int
    lowest: int | None
    highest: int | None

    def wire(self, number: int) -> str | int:
        """The value at a rung, as the API answers it."""
        count = self.start + number * self.step
        if self.highest is not None:
            count = min(count, self.highest)
        return self.units.wire(self.units.value(count))

    def expression(self) -> Code:
        """An expression of `number` for the value at that rung."""
        return self.units.expression(self.start, self.step)

    def outside(self) -> Iterator[str | int]:
        """The values next to the limits that are not valid any more."""
        neighbours = (
            self.lowest - 1 if self.lowest is not None else None,
            self.highest + 1 if self.highest is not None else None,
        )
        for count in neighbours:
            if count is not None:
                try:
                    yield self.units.wire(self.units.value(count))
                except OverflowError:
                    continue


def ladder_of(field: FieldSpec) -> Ladder | None:
    """The ladder of a field; None if its type has no order."""
    units = _units_of(field.type)
    if units is None:
        return None
    low, high = field.limits
    lowest = None if low is None else units.count(low)
    highest = None if high is None else units.count(high)
    if isinstance(field.type, types.ExactDecimal):
        largest = 10**field.type.precision - 1
        lowest = -largest if lowest is None else lowest
        highest = largest if highest is None else highest
    start, step = _first_that_fits(units.rungs(), lowest, highest)
    return Ladder(units, start, step, lowest, highest)


def default_of(field: FieldSpec) -> Code:
    """A field's default as Python source writes it, a decimal with all its places."""
    units = _units_of(field.type)
    if units is None or field.default is None:
        return literal(field.default)
    return literal(units.value(units.count(field.default)))


def _units_of(kind: types.FieldType) -> Units | None:
    match kind:
        case types.Int():
            return _Whole()
        case types.ExactDecimal(scale=scale):
            return _Places(scale)
        case types.Day():
            return _Days()
        case types.Instant():
            return _Microseconds()
    return None


def _first_that_fits(
    preferred: tuple[int, int], lowest: int | None, highest: int | None
) -> tuple[int, int]:
    choices: Sequence[tuple[int | None, int]] = (
        preferred,
        (preferred[0], 1),
        (lowest, preferred[1]),
        (None if highest is None else highest - STEPS * preferred[1], preferred[1]),
        (lowest, 1),
        (None if highest is None else highest - STEPS, 1),
    )
    for start, step in choices:
        if (
            start is not None
            and (lowest is None or start >= lowest)
            and (highest is None or start + STEPS * step <= highest)
        ):
            return start, step
    return narrowed(lowest, int), 1  # a range so narrow that no ladder fits has two ends
