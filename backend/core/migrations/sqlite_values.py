"""What becomes of a column's values on SQLite when its type changes.

SQLite converts a value only if nothing is lost by it and otherwise keeps it as it is, whatever
the column's type. CAST, which Alembic would use, loses: CAST('2026-11-22 10:00' AS DATE) is 2026
and CAST('twelve' AS INTEGER) is 0. So values are carried over as they are, exact decimals are
written anew in their new width, and then every value must be one that the new type reads.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, types
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from backend.core.migrations.connections import driver
from backend.core.migrations.errors import CannotRebuild
from backend.core.types import ExactDecimal

_SQLITE = SQLiteDialect()
_CONVERT = "jedgebot_convert"
_READABLE_DECIMAL = "jedgebot_readable"
_Value = str | float | None
_DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"

# The more special type comes first.
_READABLE: tuple[tuple[type[types.TypeEngine[Any]], str], ...] = (
    (types.DateTime, f"{{0}} GLOB '{_DAY} *'"),
    (types.Date, f"{{0}} GLOB '{_DAY}'"),
    (types.Time, "{0} GLOB '[0-9][0-9]:[0-9][0-9]:[0-9][0-9]*'"),
    (types.Boolean, "typeof({0}) = 'integer' AND {0} IN (0, 1)"),
    (types.Integer, "typeof({0}) = 'integer'"),
    (types.Numeric, "typeof({0}) IN ('integer', 'real')"),
    (types.Float, "typeof({0}) IN ('integer', 'real')"),
    (types.Uuid, "length({0}) = 32 AND {0} NOT GLOB '*[^0-9a-f]*'"),
    (types.JSON, "json_valid({0})"),
    (types.String, "typeof({0}) = 'text'"),
    (types.LargeBinary, "typeof({0}) = 'blob'"),
)


@dataclass(frozen=True)
class Conversion:
    """From one type to another; `old` is None where a revision does not say it."""

    old: types.TypeEngine[Any] | None
    new: types.TypeEngine[Any]

    def expression(self, connection: Connection, value: str) -> str:
        """The SQL that gives the new value.

        Raises:
            CannotRebuild: the revision does not say the old type, and the new one needs it.
        """
        old, new = exact_decimal(self.old), exact_decimal(self.new)
        if old == new:
            return value
        if self.old is None:
            raise CannotRebuild("Say existing_type: exact decimals are kept in another form.")
        driver(connection).create_function(_CONVERT, 1, _converter(old, new), deterministic=True)
        return f"{_CONVERT}({value})"

    def check(self, connection: Connection, table: str, column: str) -> None:
        """Make sure that the new type reads every value.

        Raises:
            CannotRebuild: some values must be changed first.
        """
        type_ = self.new.dialect_impl(_SQLITE)
        readable = next((sql for kind, sql in _READABLE if isinstance(type_, kind)), None)
        exact = exact_decimal(self.new)
        if exact is not None:
            driver(connection).create_function(_READABLE_DECIMAL, 1, _reader(exact))
            readable = f"{_READABLE_DECIMAL}({{0}})"
        if readable is None:
            return
        name = '"' + column.replace('"', '""') + '"'
        place = '"' + table.replace('"', '""') + '"'
        count = connection.exec_driver_sql(
            f"SELECT count(*) FROM {place}"  # noqa: S608 - quoted names
            f" WHERE {name} IS NOT NULL AND ({readable.format(name)}) IS NOT TRUE"
        ).scalar_one()
        if count:
            raise CannotRebuild(
                f"{count} values of {table}.{column} cannot be read as {self.new!r};"
                " change them in the revision before the type."
            )


def exact_decimal(type_: types.TypeEngine[Any] | None) -> tuple[int, int] | None:
    """Precision and scale, if SQLite keeps the type as the text of an exact decimal.

    A revision writes the type of `backend.core.types.ExactDecimal` as a Numeric that is Text on
    SQLite.
    """
    if isinstance(type_, types.Numeric) and isinstance(type_.dialect_impl(_SQLITE), types.Text):
        if type_.precision is None or type_.scale is None:
            raise CannotRebuild(f"An exact decimal has a precision and a scale: {type_!r}")
        return type_.precision, type_.scale
    return None


def _converter(
    old: tuple[int, int] | None, new: tuple[int, int] | None
) -> Callable[[_Value], _Value]:
    """What cannot be converted stays as it is, for the check to find."""

    def converted(value: _Value) -> _Value:
        if value is None:
            return None
        try:
            number = _read(str(value), old)
            return str(number) if new is None else _written(number, new)
        except (ValueError, ArithmeticError):
            return value

    return converted


def _reader(exact: tuple[int, int]) -> Callable[[_Value], bool]:
    def readable(value: _Value) -> bool:
        try:
            return _written(_read(str(value), exact), exact) == value
        except (ValueError, ArithmeticError):
            return False

    return readable


def _read(text: str, exact: tuple[int, int] | None) -> Decimal:
    if exact is None:
        return Decimal(text)
    number = ExactDecimal(*exact).process_result_value(text, _SQLITE)
    if number is None:
        raise ValueError(text)
    return number


def _written(number: Decimal, exact: tuple[int, int]) -> str:
    return str(ExactDecimal(*exact).process_bind_param(number, _SQLITE))
