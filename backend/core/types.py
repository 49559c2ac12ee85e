"""Column types that keep their value exactly, on SQLite as on PostgreSQL."""

from datetime import UTC, datetime
from decimal import ROUND_DOWN, Context, Decimal

from sqlalchemy import JSON, DateTime, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

_NEGATED = str.maketrans("0123456789", "9876543210")
_EXACT = Context(prec=200)


class UTCDateTime(TypeDecorator[datetime]):
    """An instant: takes any aware datetime, gives it back in UTC.

    SQLite has no time zones, so the value is stored there as naive UTC text.

    Raises:
        ValueError: the datetime has no time zone.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The value as the database takes it."""
        if value is None:
            return None
        instant = self.in_utc(value)
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    @staticmethod
    def in_utc(value: datetime) -> datetime:
        """An instant in UTC.

        Raises:
            ValueError: the datetime has no time zone.
        """
        if value.tzinfo is UTC:
            return value
        if value.utcoffset() is None:
            raise ValueError("A datetime without a time zone is not an instant.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The value as the database gave it."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal of `precision` digits, `scale` of them after the point, without rounding.

    PostgreSQL stores NUMERIC(precision, scale). SQLite would store a binary float, so there
    the value is text of fixed width that sorts and compares as the numbers do: zeros in front,
    and for a negative number "-" and the nines' complement of each digit.

    Raises:
        ValueError: the value is not finite, or has more digits than the column holds.
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, precision: int, scale: int) -> None:
        super().__init__(precision, scale)
        self.precision = precision
        self.scale = scale
        self._quantum = Decimal(1).scaleb(-scale)

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Decimal] | TypeEngine[str]:
        """The database's own type."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(Numeric(self.precision, self.scale))

    def process_bind_param(
        self, value: Decimal | int | None, dialect: Dialect
    ) -> Decimal | str | None:
        """The value as the database takes it."""
        if value is None:
            return None
        exact = self.fitted(value)
        return self._sortable(exact) if dialect.name == "sqlite" else exact

    def process_result_value(self, value: Decimal | str | None, dialect: Dialect) -> Decimal | None:
        """The value as the database gave it."""
        if value is None or isinstance(value, Decimal):
            return value
        return self.number_of(value)

    def fitted(self, value: Decimal | int) -> Decimal:
        """The same number with all its decimal places.

        Raises:
            ValueError: it is not finite, or has more digits than the column holds.
        """
        if type(value) is not Decimal:
            value = Decimal(value)
        if value.same_quantum(self._quantum) and value.adjusted() < self.precision - self.scale:
            return value
        if not value.is_finite():
            raise ValueError("A decimal column holds finite numbers only.")
        fitted = value.quantize(self._quantum, ROUND_DOWN, _EXACT)
        if fitted != value:
            raise ValueError(f"More than {self.scale} decimal places.")
        if fitted.adjusted() >= self.precision - self.scale and fitted != 0:
            raise ValueError(f"More than {self.precision - self.scale} digits before the point.")
        return fitted

    @staticmethod
    def number_of(stored: str) -> Decimal:
        """The number that this text stands for on SQLite."""
        if stored[0] != "-":
            return Decimal(stored)
        # copy_negate, since unary minus would round to 28 digits.
        return Decimal(stored[1:].translate(_NEGATED)).copy_negate()

    def _sortable(self, value: Decimal) -> str:
        point_and_places = self.scale + 1 if self.scale else 0
        width = max(self.precision - self.scale, 1) + point_and_places
        digits = f"{value.copy_abs():f}".zfill(width)
        return "-" + digits.translate(_NEGATED) if value < 0 else digits


JSONDocument = JSON().with_variant(JSONB(), "postgresql")
"""Any JSON value: JSONB on PostgreSQL, JSON text on SQLite."""
