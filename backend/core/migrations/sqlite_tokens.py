"""The words, names, literals and marks of SQL as SQLite reads it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

# SQLite's tokenizer takes every character beyond ASCII for a letter, the wide spaces too.
_TOKEN = re.compile(
    r"""
    (?P<space>  [ \t\n\f\r]+ | --[^\n]* | /\*.*?(?:\*/|\Z) )
  | (?P<string> (?:\b[xX])?'(?:[^']|'')*' )
  | (?P<quoted> "(?:[^"]|"")*" | `(?:[^`]|``)*` | \[[^\]]*\] )
  | (?P<word>   [A-Za-z_\x80-\U0010ffff][A-Za-z0-9_$\x80-\U0010ffff]* )
  | (?P<number> 0[xX][0-9A-Fa-f]+ | (?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)? )
  | (?P<mark>   . )
    """,
    re.VERBOSE | re.DOTALL,
)
# SQLite takes a string for a name where it needs one.
NAMES = ("word", "quoted", "string")


class Place(NamedTuple):
    """From where to where something stands in a text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Token:
    """A word, name, literal or mark."""

    kind: str
    text: str
    place: Place

    @property
    def keyword(self) -> str:
        """The word in upper case, or the mark; empty for what cannot be a keyword."""
        return self.text.upper() if self.kind in ("word", "mark") else ""

    @property
    def name(self) -> str:
        """The name that the token stands for, without its quotes."""
        if self.kind == "word":
            return self.text
        quote = "]" if self.text[0] == "[" else self.text[0]
        return self.text[1:-1].replace(quote * 2, quote)


def tokens(sql: str) -> Iterator[Token]:
    """Give the tokens of a statement, without white space and comments."""
    for match in _TOKEN.finditer(sql):
        kind = match.lastgroup or "mark"
        if kind != "space":
            yield Token(kind, match.group(), Place(*match.span()))


def names_in(sql: str) -> frozenset[str]:
    """Give every word and quoted name in a piece of SQL, as SQLite compares names."""
    return frozenset(t.name.casefold() for t in tokens(sql) if t.kind in ("word", "quoted"))
