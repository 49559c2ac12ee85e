"""Statements of SQLite tables, so arranged that most of those that say the same are equal.

To read a statement takes a thousand times as long as to compare it with another one.
"""

import re
from collections.abc import Hashable

_FIRST, _NEXT, _LAST = "(\n\t", ", \n\t", "\n)"
"""What SQLAlchemy writes before the first part of a table, between two parts, and at the end."""

_CONSTRAINT = re.compile(r"(CONSTRAINT|PRIMARY|UNIQUE|CHECK|FOREIGN)\b", re.IGNORECASE)
_QUOTED = re.compile(r"""'[^']*'|"[^"]*"|`[^`]*`""")
_UNCLEAR = re.compile(r"""['"`\[]|--|/\*""")
"""Outside of quotes, what may hide the end of a part."""


def arranged(sql: str) -> Hashable:
    """Something that two statements of a table have in common only if they say the same.

    The order of the constraints, in which those of a model and those of a migration differ, has
    no meaning and is left out; that of the columns is kept. A statement of another form than
    SQLAlchemy's is taken as it is.
    """
    head, first, rest = sql.partition(_FIRST)
    body, last, tail = rest.rpartition(_LAST)
    parts = body.split(_NEXT)
    if not first or not last or not all(map(_is_whole, parts)):
        return sql
    columns = tuple(part for part in parts if not _CONSTRAINT.match(part))
    constraints = tuple(sorted(part for part in parts if _CONSTRAINT.match(part)))
    return head, columns, constraints, tail


def _is_whole(part: str) -> bool:
    """Whether a part ends where it seems to, and not within quotes, parentheses or a comment."""
    outside = _QUOTED.sub("", part)
    return _UNCLEAR.search(outside) is None and outside.count("(") == outside.count(")")
