"""Which names tables and fields may have."""

import builtins
import re
import sys
from keyword import iskeyword

from jedgebot.errors import Misuse
from jedgebot.spec import words
from jedgebot.spec.reserved import (
    BACKEND_PACKAGES,
    CLASS_NAMES,
    DATABASE_NAMES,
    FIELD_NAMES,
    LOCAL_NAMES,
    ROUTE_PREFIXES,
    SQL_WORDS,
)

TABLE_LENGTH_MAX = 36  # so that the longest generated line still fits
FIELD_LENGTH_MAX = 40
DATABASE_LENGTH_MAX = 36  # so that alembic_version_NAME is no longer than PostgreSQL takes

_SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_SNAKE_CASE_HINT = "Use lower-case words joined by underscores, such as {example}."


def check_table_name(name: str) -> None:
    """Let a name pass that a new table may have.

    Raises:
        Misuse: it may not.
    """
    what = f'the table name "{name}"'
    _require_snake_case(what, name, "watchlists", TABLE_LENGTH_MAX)
    _require_no_keyword(what, name)
    if name in BACKEND_PACKAGES:
        raise Misuse(f"{what} has another meaning in the backend.", "Choose another name.")
    if name.startswith("alembic_version"):
        raise Misuse(f"{what} begins as Alembic's own tables do.", "Choose another name.")
    if name in ROUTE_PREFIXES:
        raise Misuse(f"{what} is a path that the application serves.", "Choose another name.")
    if name in sys.stdlib_module_names:
        raise Misuse(
            f"{what} is a module of Python's standard library.",
            f'Say whose or which they are, for example "user_{name}".',
        )
    if not words.is_plural(name):
        raise Misuse(
            f"{what} is not a plural; a table is named after all its rows.",
            f'Did you mean "{words.plural(name)}"?',
        )


def check_database_name(name: str) -> None:
    """Let a name pass that a database beside the main one may have.

    Raises:
        Misuse: it may not.
    """
    what = f'the database name "{name}"'
    _require_snake_case(what, name, "market_data", DATABASE_LENGTH_MAX)
    _require_no_keyword(what, name)
    if name in DATABASE_NAMES:
        raise Misuse(f"{what} has another meaning.", "Choose another name.")


def check_singular(table: str, singular: str) -> None:
    """Let a word pass that one row of a new table may be called.

    Raises:
        Misuse: it may not.
    """
    what = f'a row of "{table}" would be called "{singular}"'
    longer = f'Say whose or which they are, for example "user_{table}".'
    if not _SNAKE_CASE.fullmatch(singular) or len(singular) > TABLE_LENGTH_MAX:
        raise Misuse(f"{what}, which is no name.", _SNAKE_CASE_HINT.format(example="watchlist"))
    if _is_word_of_python(singular) or hasattr(builtins, singular):
        raise Misuse(f"{what}, which is a word of Python.", longer)
    if singular in LOCAL_NAMES or words.camel_case(singular) in CLASS_NAMES:
        raise Misuse(f"{what}, which has another meaning in the module's code.", longer)


def check_field_name(name: str, column: str) -> None:
    """Let a name pass that a field may have, whose column is called by it or after it.

    Raises:
        Misuse: it may not.
    """
    _require_snake_case(f'the field name "{name}"', name, "base_currency", FIELD_LENGTH_MAX)
    what = f'the column name "{column}"'
    _require_snake_case(what, column, "base_currency", FIELD_LENGTH_MAX)
    _require_no_keyword(what, column)
    if column.startswith("model_"):
        raise Misuse(f"{what} begins with model_, as Pydantic's own do.", "Choose another name.")
    if column in FIELD_NAMES:
        raise Misuse(f"{what} is taken: {FIELD_NAMES[column]}.", "Choose another name.")


def _require_snake_case(what: str, name: str, example: str, longest: int) -> None:
    if not _SNAKE_CASE.fullmatch(name):
        raise Misuse(f"{what} cannot be used.", _SNAKE_CASE_HINT.format(example=example))
    if len(name) > longest:
        raise Misuse(f"{what} has more than {longest} characters.", "Shorten it.")


def _require_no_keyword(what: str, name: str) -> None:
    if _is_word_of_python(name):
        raise Misuse(f"{what} is a word of Python.", "Choose another name.")
    if name in SQL_WORDS:
        raise Misuse(f"{what} is a word of SQL.", "Choose another name.")


def _is_word_of_python(name: str) -> bool:
    """Whether it is one as it is, or as the name of a class: none, None."""
    return iskeyword(name) or iskeyword(name.capitalize())
