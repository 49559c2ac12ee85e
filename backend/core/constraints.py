"""Which fields a database's integrity error is about."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeGuard

from sqlalchemy import ForeignKeyConstraint, MetaData, Table, UniqueConstraint
from sqlalchemy.exc import IntegrityError, OperationalError

from backend.core.models import OWNER_COLUMN

if TYPE_CHECKING:
    from psycopg import Error as PsycopgError

Kind = Literal["unique", "only", "missing", "referenced", "invalid"]

_SQLSTATES: dict[str, Kind] = {"23505": "unique", "23503": "missing", "23001": "referenced"}
_SQLITE_TOO_DEEP = "too many levels of trigger recursion"
_STATEMENT = re.compile(
    r'\s*(INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?(?:\s+SET\s+(.+?)\s+WHERE\s)?',
    re.IGNORECASE | re.DOTALL,
)
_SET_COLUMN = re.compile(r'"?(\w+)"?\s*=')
_SQLITE_UNIQUE = re.compile(r"UNIQUE constraint failed: (.+)")
_SQLITE_INDEX = re.compile(r"index '(\w+)'")


@dataclass(frozen=True)
class ConstraintFault:
    """What a constraint refused.

    Attributes:
        kind: `unique`: another row has these values; `only`: the owner has a row already, and
            may have no other; `missing`: the row that is referred to is not there;
            `referenced`: other rows refer to this one; `invalid`: any other.
        fields: the columns, without the owner's; empty where the database does not say.
    """

    kind: Kind
    fields: tuple[str, ...]


def fault_of(error: IntegrityError, metadata: MetaData) -> ConstraintFault:
    """Read the fault from a database's error, by SQLSTATE and columns."""
    written = _Written.by(error.statement or "")
    if _is_of_psycopg(error.orig):
        kind = _SQLSTATES.get(error.orig.sqlstate or "", "invalid")
        name = error.orig.diag.constraint_name or ""
        table = metadata.tables.get(error.orig.diag.table_name or "")
        fields: Iterable[str] = _columns_of(table, name) if table is not None else ()
    else:
        kind, fields = _sqlite_fault(error, metadata)
        table = None
    if kind == "unique" and tuple(fields) == (OWNER_COLUMN,):
        return ConstraintFault("only", ())
    if kind == "missing" and written is not None:
        is_elsewhere = table is not None and table.name != written.table
        fields = () if is_elsewhere else [field for field in fields if written.has(field)]
        kind = "missing" if fields else "referenced"
    if kind == "referenced":
        return ConstraintFault("referenced", ())
    return ConstraintFault(kind, tuple(field for field in fields if field != OWNER_COLUMN))


def is_too_deep(error: OperationalError) -> bool:
    """Whether a deletion failed because too many rows go with it, each below another one.

    SQLite follows 1,000 of them (https://www.sqlite.org/limits.html), PostgreSQL all.
    """
    return _SQLITE_TOO_DEEP in str(error.orig)


@dataclass(frozen=True)
class _Written:
    """What a statement writes.

    Attributes:
        columns: those that an UPDATE sets; none for DELETE, and None for INSERT: all of them.
    """

    table: str
    columns: frozenset[str] | None

    @classmethod
    def by(cls, statement: str) -> "_Written | None":
        """What a statement writes; None if that cannot be seen."""
        found = _STATEMENT.match(statement)
        if found is None:
            return None
        if found[1].upper() == "INSERT INTO":
            return cls(found[2], None)
        return cls(found[2], frozenset(_SET_COLUMN.findall(found[3] or "")))

    def has(self, column: str) -> bool:
        """Whether a column, which is not the owner's, is written."""
        return column != OWNER_COLUMN and (self.columns is None or column in self.columns)


def _is_of_psycopg(error: BaseException | None) -> "TypeGuard[PsycopgError]":
    # psycopg is not imported where the database is SQLite.
    return hasattr(error, "sqlstate")


def _sqlite_fault(error: IntegrityError, metadata: MetaData) -> tuple[Kind, Iterable[str]]:
    message = str(error.orig)
    if found := _SQLITE_UNIQUE.search(message):
        if index := _SQLITE_INDEX.search(found[1]):
            tables = (t for t in metadata.tables.values() if _columns_of(t, index[1]))
            table = next(tables, None)
            return "unique", _columns_of(table, index[1]) if table is not None else ()
        return "unique", [column.strip().rsplit(".", 1)[-1] for column in found[1].split(",")]
    if "FOREIGN KEY constraint failed" in message:
        return "missing", _references_of(error, metadata)
    return "invalid", ()


def _references_of(error: IntegrityError, metadata: MetaData) -> Iterable[str]:
    """SQLite does not say which reference failed; these are all that the statement's table has."""
    written = _Written.by(error.statement or "")
    table = metadata.tables.get(written.table) if written else None
    if table is None:
        return []
    return [column.name for column in table.columns if column.foreign_keys]


def _columns_of(table: Table, constraint_name: str) -> tuple[str, ...]:
    """Columns of a constraint or index, also where the database added a suffix to its name."""
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint | ForeignKeyConstraint) and _is_name(
            constraint_name, str(constraint.name)
        ):
            return tuple(column.name for column in constraint.columns)
    for index in table.indexes:
        if index.name and _is_name(constraint_name, str(index.name)):
            named = [column.name for column in index.columns]
            return tuple(named) or tuple(
                column.name
                for column in table.columns
                if any(re.search(rf"\b{column.name}\b", str(e)) for e in index.expressions)
            )
    return ()


def _is_name(found: str, declared: str) -> bool:
    return found == declared or re.fullmatch(rf"{re.escape(declared)}_\d+", found) is not None
