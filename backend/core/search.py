"""Search in a list: whether a text contains what a client wrote, in any case.

PostgreSQL compares with ILIKE, in the way of the database's locale. SQLite knows the case of ASCII
letters only, so its connections get a function that knows that of all.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, Boolean, ColumnElement, Text, bindparam, or_
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    # With PostgreSQL no worker needs it, and it takes 1 MiB of each.
    from sqlite3 import Connection

SEARCHED = "searched_text"
"""The bind parameter for what is searched."""

_FUNCTION = "jedgebot_contains"
_ILIKE_SPECIAL = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})


class _Searched(TypeDecorator[str]):
    """What is searched, as the database compares with it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """A pattern for ILIKE; on SQLite a text in lower case."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return _lower(value)
        return f"%{value.translate(_ILIKE_SPECIAL)}%"


class _Contains(FunctionElement[bool]):
    """Whether its first argument contains the second, a parameter of the type `_Searched`."""

    type = Boolean()
    inherit_cache = True


@compiles(_Contains)
def _with_ilike(element: _Contains, compiler: SQLCompiler, **options: Any) -> str:
    text, searched = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{text} ILIKE {searched}"


@compiles(_Contains, "sqlite")
def _with_function(element: _Contains, compiler: SQLCompiler, **options: Any) -> str:
    return f"{_FUNCTION}({compiler.process(element.clauses, **options)})"


def one_contains(columns: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    """The condition that one of the columns contains the value of `SEARCHED`, in any case."""
    searched: BindParameter[str] = bindparam(SEARCHED, type_=_Searched())
    return or_(*(_Contains(column, searched) for column in columns))


def add_search(connection: "Connection") -> None:
    """Let a connection to SQLite search."""
    connection.create_function(_FUNCTION, 2, _contains, deterministic=True)


def _contains(text: str | None, searched: str) -> bool:
    return text is not None and searched in _lower(text)


def _lower(text: str) -> str:
    # PostgreSQL writes one character for one; Python two for the first of these, and looks at
    # those beside the second.
    if "İ" in text or "Σ" in text:
        text = text.replace("İ", "i").replace("Σ", "\N{GREEK SMALL LETTER SIGMA}")
    return text.lower()
