"""Rows of JSON: the objects of one list, read one at a time."""

import io
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from backend.ledger.statements.outcomes import UnreadableFile
from backend.ledger.statements.profile import Profile, normalized
from backend.ledger.statements.row import Context, Row

OBJECT_MAX: Final = 256 * 1024
"""Characters of the longest object."""

LISTS: Final = ("activities", "transactions")
"""The members of an object at the top that have the rows."""

_CHUNK: Final = 64 * 1024
_SPACE = re.compile(r"[ \t\r\n]*")
_IN_STRING = re.compile(r'["\\]')
_ANY = re.compile(r"[\s\S]")
_OUTSIDE = re.compile(r'["{}\[\],]')

# Numbers stay as they are written: a float would lose digits, and an int of a million digits
# would take minutes.
_decoder = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str, strict=False)


class _Reader:
    """A position in a text that is read chunk by chunk."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._buffer = ""
        self._at = 0
        self._line = 1
        self._counted = 0
        self._ended = False

    @property
    def line(self) -> int:
        """The line of the position, counted from 1."""
        self._line += self._buffer.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def fail(self, reason: str) -> UnreadableFile:
        return UnreadableFile(reason, line=self.line)

    def more(self) -> bool:
        """Whether there was more to read."""
        if self._ended:
            return False
        try:
            chunk = self._text.read(_CHUNK)
        except UnicodeDecodeError as error:
            raise self.fail(f"is not text in {error.encoding}") from error
        self._ended = not chunk
        _ = self.line
        self._buffer = self._buffer[self._at :] + chunk
        self._at = self._counted = 0
        return bool(chunk)

    def peek(self) -> str:
        """The next character that is no blank; empty at the end."""
        while True:
            found = _SPACE.match(self._buffer, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self.more():
                return ""

    def take(self, *expected: str) -> str:
        found = self.peek()
        if found not in expected:
            if not found:
                raise self.fail("the file ends in the middle")
            raise self.fail(f"is not JSON: {found!r} where {' or '.join(expected)} belongs")
        self._at += 1
        return found

    def value(self) -> Any:
        """The next value."""
        self.peek()
        while True:
            try:
                found, end = _decoder.raw_decode(self._buffer, self._at)
            except (ValueError, RecursionError) as error:
                if len(self._buffer) - self._at > OBJECT_MAX:
                    raise self.fail(
                        f"is not JSON, or an object of more than {OBJECT_MAX} characters"
                    ) from error
                if not self.more():
                    raise self.fail("is not JSON, or the file ends in the middle") from error
            else:
                # At the end of what was read a number may go on.
                if end < len(self._buffer) or not self.more():
                    self._at = end
                    return found

    def skip(self) -> None:
        """Go over the next value, however long it is."""
        depth = 0
        self.peek()
        while True:
            mark = self._find(_OUTSIDE)
            if mark == '"':
                self._skip_string()
            elif mark in "{[":
                depth += 1
            elif depth == 0:
                self._at -= 1
                return
            elif mark in "}]":
                depth -= 1

    def _skip_string(self) -> None:
        while (mark := self._find(_IN_STRING)) != '"':
            if mark == "\\":
                self._find(_ANY)

    def _find(self, wanted: re.Pattern[str]) -> str:
        """The next character that is wanted; the position is behind it."""
        while (found := wanted.search(self._buffer, self._at)) is None:
            self._at = len(self._buffer)
            if not self.more():
                raise self.fail("the file ends in the middle")
        self._at = found.end()
        return found[0]


def objects(text: io.TextIOWrapper) -> Iterator[tuple[int, dict[str, str] | None]]:
    """The objects of the list with their lines; None for an item that is no object.

    Their names are normalised; numbers are as they are written, and what is neither text nor
    number is left out.

    Raises:
        UnreadableFile: it is not JSON, has no such list, or has an object that is too long.
    """
    reader = _Reader(text)
    if reader.peek() == "{":
        _enter_list(reader)
    reader.take("[")
    if reader.peek() == "]":
        return
    while True:
        reader.peek()
        line = reader.line
        item = reader.value()
        yield line, _flat(item) if isinstance(item, dict) else None
        if reader.take(",", "]") == "]":
            return


def rows(
    items: Iterator[tuple[int, dict[str, str] | None]], profile: Profile, context: Context
) -> Iterator[Row]:
    """The objects as rows of a table."""
    renamed = profile.renamed
    for line, item in items:
        values = {renamed.get(name, name): text for name, text in (item or {}).items()}
        row = Row(line, list(values.values()), values, context)
        if item is None:
            row.problem = "is not an object"
        elif not _is_text("".join(row.cells)):
            row.problem = "has a NUL character, or half of a surrogate pair"
        yield row


def chosen(profiles: Iterable[Profile], names: tuple[str, ...]) -> Profile | None:
    """The profile that the names of an object fit best; None if there is no one best."""
    fits = [(profile.matches(names), profile) for profile in profiles]
    best = max((columns for columns, _ in fits), default=0)
    found = [profile for columns, profile in fits if columns == best]
    return found[0] if best and len(found) == 1 else None


def _flat(item: dict[str, Any]) -> dict[str, str]:
    return {
        normalized(name): value.strip() for name, value in item.items() if isinstance(value, str)
    }


def _is_text(text: str) -> bool:
    """Whether a text can be stored: escapes of JSON can say what is none."""
    return text.isprintable() or not any(
        char == "\0" or "\ud800" <= char <= "\udfff" for char in text
    )


def _enter_list(reader: _Reader) -> None:
    reader.take("{")
    while reader.peek() == '"':
        name = reader.value()
        reader.take(":")
        if name in LISTS and reader.peek() == "[":
            return
        reader.skip()
        if reader.take(",", "}") == "}":
            break
    raise reader.fail(f"the object has no list called {' or '.join(LISTS)}")
