"""What SQLite says of its schema: the text of each statement that made it, read into parts.

White space, comments, quotes around names, letter case and the order of a column's clauses have
no meaning, and are written in one way.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial

from sqlalchemy import Connection

from backend.core.migrations.errors import CannotRebuild
from backend.core.migrations.sqlite_grammar import Clause, Column, Constraint, read_table
from backend.core.migrations.sqlite_tokens import Token, tokens
from jedgebot.migrations.catalogue.arranging import arranged
from jedgebot.migrations.catalogue.comparing import ORDER, Catalogue, Facts, FactsOfTexts

_Text = tuple[str, str, str]
"""Kind, name and statement."""

_STATEMENTS = """
SELECT type, name, tbl_name, sql FROM sqlite_master
 WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
   AND tbl_name NOT LIKE 'alembic\\_version%' ESCAPE '\\'
"""

_TEXTS = 16384
"""How many texts are remembered with what they say: those of some thousands of tables."""

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEYWORDS = frozenset(
    """
    ACTION ALWAYS AND AS ASC AUTOINCREMENT BETWEEN CASCADE CASE CAST CHECK COLLATE CONFLICT
    CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP DEFAULT DEFERRABLE DEFERRED DELETE DESC ELSE END
    ESCAPE EXISTS FALSE FOREIGN GENERATED GLOB IGNORE IMMEDIATE IN INITIALLY IS KEY LIKE MATCH NO
    NOT NULL ON OR PRIMARY REFERENCES REPLACE RESTRICT ROWID SET STORED STRICT THEN TRUE UNIQUE
    UPDATE VIRTUAL WHEN WHERE WITHOUT
    """.split()  # noqa: SIM905 - a list would take a line for each word
)
_KINDS = {
    "PRIMARY": "primary key",
    "UNIQUE": "unique constraint",
    "CHECK": "check",
    "FOREIGN": "foreign key",
}


def statements(connection: Connection) -> list[tuple[str, str, str, str]]:
    """Type, name, table and text of everything in the schema."""
    return [(one[0], one[1], one[2], one[3]) for one in connection.exec_driver_sql(_STATEMENTS)]


def subjects(connection: Connection) -> Catalogue:
    """Everything in the schema; the statements are read when somebody asks what they say."""
    found = statements(connection)
    # What belongs to a table or view may write its name in another case.
    names = {name.casefold(): name for kind, name, _, _ in found if kind == "table"}
    names |= {name.casefold(): f"view {name}" for kind, name, _, _ in found if kind == "view"}
    texts: dict[str, list[_Text]] = {}
    for kind, name, table, sql in found:
        texts.setdefault(names.get(table.casefold(), table), []).append((kind, name, sql))
    return {
        subject: FactsOfTexts(
            frozenset(
                (kind, name, arranged(sql) if kind == "table" else sql) for kind, name, sql in own
            ),
            partial(_facts, own),
        )
        for subject, own in texts.items()
    }


def _facts(texts: Sequence[_Text]) -> Facts:
    return {part: definition for text in texts for part, definition in _said(*text)}


def _said(kind: str, name: str, sql: str) -> Iterable[tuple[str, str]]:
    match kind:
        case "table":
            return _table(sql)
        case "index":
            return [(f"index {name.casefold()}", _index(sql))]
        case "view":
            return [("definition", _behind_the_name(sql))]
        case _:
            return [(f"trigger {name.casefold()}", _behind_the_name(sql))]


@lru_cache(_TEXTS)
def _index(sql: str) -> str:
    words = list(tokens(sql))
    unique = "UNIQUE " if words[1].keyword == "UNIQUE" else ""
    on = next(at for at, word in enumerate(words) if word.keyword == "ON")
    return unique + _written(words[on + 2 :])


def _behind_the_name(sql: str) -> str:
    return _written(list(tokens(sql))[3:])


@lru_cache(_TEXTS)
def _table(sql: str) -> tuple[tuple[str, str], ...]:
    """The facts of a table; two databases of one comparison mostly have the same texts."""
    return tuple(_parts(sql))


def _parts(sql: str) -> Iterator[tuple[str, str]]:
    try:
        columns, constraints = read_table(sql)
    except CannotRebuild:
        yield "table", _written(list(tokens(sql))[1:])  # a virtual table
        return
    last = (constraints or columns)[-1].place.end
    options = _written(list(tokens(sql[last:]))[1:]).split(", ")
    yield "table", " ".join(["TABLE", *sorted(options)]).strip()
    yield ORDER, ", ".join(column.key for column in columns)
    for column in columns:
        yield f"column {column.key}", _column(column)
        for clause in column.clauses:
            if clause.kind in ("PRIMARY", "UNIQUE", "CHECK", "REFERENCES"):
                yield _constraint(clause, _in_table(column, clause))
    for constraint in constraints:
        yield _constraint(constraint, _unnamed(constraint))


def _column(column: Column) -> str:
    parts = [_written(list(tokens(column.type_name))).upper()]
    parts += [_written(_unnamed(clause)) for clause in column.all_of("COLLATE")]
    parts.append("NOT NULL" if column.all_of("NOT NULL") else "NULL")
    parts += [_written(_unnamed(clause)) for clause in column.all_of("DEFAULT")]
    for clause in column.all_of("GENERATED"):
        text = _written(_unnamed(clause)).removeprefix("GENERATED ALWAYS ")
        parts.append(text if text.endswith(("STORED", "VIRTUAL")) else f"{text} VIRTUAL")
    return " ".join(part for part in parts if part)


def _in_table(column: Column, clause: Clause) -> list[Token]:
    """A column's constraint as the table would write it."""
    words = _unnamed(clause)
    named = list(tokens(f"({_name(column.name)})"))
    match clause.kind:
        case "PRIMARY":
            return [*words[:2], *named, *words[2:]]
        case "UNIQUE":
            return [*words[:1], *named, *words[1:]]
        case "REFERENCES":
            return [*tokens("FOREIGN KEY"), *named, *words]
    return words


def _constraint(constraint: Clause | Constraint, words: Sequence[Token]) -> tuple[str, str]:
    kind, definition = _KINDS[words[0].keyword], _written(words)
    if constraint.name is None:
        return f"unnamed {kind} {definition}", definition
    return f"{kind} {constraint.name.casefold()}", definition


def _unnamed(constraint: Clause | Constraint) -> list[Token]:
    """The words of a constraint behind its name."""
    words = list(tokens(constraint.text))
    return words if constraint.name is None else words[2:]


def _written(words: Sequence[Token]) -> str:
    """The words in the one way of writing them."""
    text = ""
    for before, word in zip((None, *words), words, strict=False):
        text += _word(word) if before is None or _close(before, word) else f" {_word(word)}"
    return text


def _word(word: Token) -> str:
    if word.kind == "word" and word.keyword in _KEYWORDS:
        return word.keyword
    return _name(word.name) if word.kind in ("word", "quoted") else word.text


def _name(name: str) -> str:
    """A name, in quotes only where it needs them; SQLite does not tell its cases apart."""
    folded = name.casefold()
    return folded if _PLAIN.fullmatch(name) else f'"{folded}"'


def _close(before: Token, word: Token) -> bool:
    """Whether there is no space between two words."""
    if before.text in ("(", ".") or word.text in (")", ",", ".", ";"):
        return True
    if word.text == "(":
        return before.kind in ("word", "quoted") and before.keyword not in _KEYWORDS
    operators = "<>=!|"
    in_one = before.place.end == word.place.start
    return in_one and before.text in operators and word.text in operators
