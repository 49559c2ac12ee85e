"""How the values of ordered types are counted with whole numbers, and how they are written."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import ClassVar

from backend.core.schemas import rfc3339, time_text
from jedgebot.rendering.code import Code, literal
from jedgebot.spec import types
from jedgebot.spec.table import FieldSpec
from jedgebot.spec.values import EXACT, Value, narrowed

_CORE = "backend.core.schemas"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECOND = timedelta(seconds=1) // _MICROSECOND
_DAY = timedelta(days=1) // _MICROSECOND


class Units(ABC):
    """How the values of a type are counted.

    Attributes:
        is_open: whether values beyond the ends, which the type does not take, can be written.
    """

    is_open: ClassVar[bool] = False

    @property
    @abstractmethod
    def ends(self) -> tuple[int, int]:
        """The numbers of the least and of the greatest value."""

    @property
    @abstractmethod
    def pleasant(self) -> tuple[int, int]:
        """Where values begin that read well, and how far apart they are."""

    @abstractmethod
    def count(self, value: Value) -> int:
        """The number of a value."""

    @abstractmethod
    def value(self, count: int) -> Value:
        """The value with a number between the ends."""

    @abstractmethod
    def wire(self, value: Value) -> str | int:
        """The value as the API answers it."""

    @abstractmethod
    def expression(self, start: int, step: int, index: str) -> Code:
        """Python for the wire value that is `index` steps from the start."""


@dataclass(frozen=True)
class _Whole(Units):
    is_open = True
    largest: int

    @property
    def ends(self) -> tuple[int, int]:
        return -self.largest - 1, self.largest

    @property
    def pleasant(self) -> tuple[int, int]:
        return 0, 1

    def count(self, value: Value) -> int:
        return narrowed(value, int)

    def value(self, count: int) -> Value:
        return count

    def wire(self, value: Value) -> str | int:
        return self.count(value)

    def expression(self, start: int, step: int, index: str) -> Code:
        moved = _moved(index, step)
        return Code(f"{start} + {moved}" if start else moved)


@dataclass(frozen=True)
class _Places(Units):
    is_open = True
    precision: int
    scale: int

    @property
    def ends(self) -> tuple[int, int]:
        largest = 10**self.precision - 1
        return -largest, largest

    @property
    def pleasant(self) -> tuple[int, int]:
        return 10**self.scale // 2, 10**self.scale

    def count(self, value: Value) -> int:
        return int(narrowed(value, Decimal).scaleb(self.scale, EXACT))

    def value(self, count: int) -> Value:
        return Decimal(count).scaleb(-self.scale, EXACT)

    def wire(self, value: Value) -> str | int:
        return f"{value:.{self.scale}f}"

    def expression(self, start: int, step: int, index: str) -> Code:
        if self.scale == 0:
            moved = _moved(index, step)
            return Code(f"str({start} + {moved})" if start else f"str({moved})")
        one = 10**self.scale
        if 0 <= start < one and step == one:
            return Code(f'f"{{{index}}}.{start:0{self.scale}}"')
        first, between = literal(self.value(start)), literal(self.value(step))
        added = index if step == one else f"{index} * {between}"
        return Code(f'format({first} + {added}, "f")', first.imports)


class _Days(Units):
    @property
    def ends(self) -> tuple[int, int]:
        return date.min.toordinal(), date.max.toordinal()

    @property
    def pleasant(self) -> tuple[int, int]:
        return date(2026, 1, 1).toordinal(), 1

    def count(self, value: Value) -> int:
        return narrowed(value, date).toordinal()

    def value(self, count: int) -> Value:
        return date.fromordinal(count)

    def wire(self, value: Value) -> str | int:
        return str(value)

    def expression(self, start: int, step: int, index: str) -> Code:
        day = literal(self.value(start))
        return Code(
            f"str({day} + timedelta(days={_moved(index, step)}))",
            day.imports | {("datetime", "timedelta")},
        )


class _Microseconds(Units):
    @property
    def ends(self) -> tuple[int, int]:
        return (
            self.count(datetime.min.replace(tzinfo=UTC)),
            self.count(datetime.max.replace(tzinfo=UTC)),
        )

    @property
    def pleasant(self) -> tuple[int, int]:
        return self.count(datetime(2026, 1, 1, 12, 30, tzinfo=UTC)), _DAY

    def count(self, value: Value) -> int:
        return (narrowed(value, datetime) - _EPOCH) // _MICROSECOND

    def value(self, count: int) -> Value:
        return _EPOCH + count * _MICROSECOND

    def wire(self, value: Value) -> str | int:
        return rfc3339(narrowed(value, datetime))

    def expression(self, start: int, step: int, index: str) -> Code:
        instant = literal(self.value(start))
        return Code(
            f"rfc3339({instant} + {_duration(index, step)})",
            instant.imports | {("datetime", "timedelta"), (_CORE, "rfc3339")},
        )


class _TimesOfDay(Units):
    @property
    def ends(self) -> tuple[int, int]:
        return 0, _DAY - 1

    @property
    def pleasant(self) -> tuple[int, int]:
        return self.count(time(9, 30)), _SECOND

    def count(self, value: Value) -> int:
        moment = narrowed(value, time)
        seconds = (moment.hour * 60 + moment.minute) * 60 + moment.second
        return seconds * _SECOND + moment.microsecond

    def value(self, count: int) -> Value:
        return self._on_a_day(count).time()

    def wire(self, value: Value) -> str | int:
        return time_text(narrowed(value, time))

    def expression(self, start: int, step: int, index: str) -> Code:
        first = literal(self._on_a_day(start))
        moved = f"({first} + {_duration(index, step)}).time()"
        imports = first.imports | {("datetime", "timedelta")}
        if start % _SECOND == 0 and step % _SECOND == 0:
            return Code(f"str({moved})", imports)
        return Code(f"time_text({moved})", imports | {(_CORE, "time_text")})

    @staticmethod
    def _on_a_day(count: int) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + count * _MICROSECOND


def units_of(kind: types.FieldType) -> Units | None:
    """How the values of a type are counted; None if they have no order that numbers give."""
    match kind:
        case types.Int(largest=largest):
            return _Whole(largest)
        case types.ExactDecimal(precision=precision, scale=scale):
            return _Places(precision, scale)
        case types.Day():
            return _Days()
        case types.Instant():
            return _Microseconds()
        case types.Time():
            return _TimesOfDay()
    return None


def default_of(field: FieldSpec) -> Code:
    """A field's default as Python source writes it, a decimal with all its places."""
    units = units_of(field.type)
    if units is None or field.default is None:
        return literal(field.default)
    return literal(units.value(units.count(field.default)))


def _moved(index: str, step: int) -> str:
    return index if step == 1 else f"{index} * {step}"


def _duration(index: str, step: int) -> str:
    for unit, length in (("days", _DAY), ("seconds", _SECOND)):
        if step % length == 0:
            return f"timedelta({unit}={_moved(index, step // length)})"
    return f"timedelta(microseconds={_moved(index, step)})"
