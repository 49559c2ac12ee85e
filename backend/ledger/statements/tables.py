"""Rows of delimited text: its header, its delimiter and the lines that rows begin on."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Final, NamedTuple

from backend.ledger.statements.lines import lines
from backend.ledger.statements.outcomes import UnreadableFile
from backend.ledger.statements.profile import Profile
from backend.ledger.statements.row import Context, Row

HEADER_LINES_MAX: Final = 30
"""Lines among which the header has to be."""

_DELIMITERS: Final = (",", ";", "\t")


class Table(NamedTuple):
    """A table whose header was found; `rest` are the lines below it."""

    profile: Profile
    header: list[str]
    delimiter: str
    line: int
    rest: Iterator[str]


def open_table(text: io.TextIOWrapper, profiles: Iterable[Profile], *, named: bool) -> Table:
    """The table in a text, of the one profile that its header fits best.

    With `named` there is one profile, and the error says what it misses.

    Raises:
        UnreadableFile: no header is found, or it fits several profiles equally.
    """
    profiles = tuple(profiles)
    stream = lines(text)
    head = list(islice(stream, HEADER_LINES_MAX))
    for at, line in enumerate(head, 1):
        fits = _fitting(line, profiles)
        if not fits:
            continue
        best = max(columns for columns, *_ in fits)
        chosen = [fit for fit in fits if fit[0] == best]
        if len(chosen) > 1:
            names = [profile.name for _, profile, *_ in chosen]
            reason = f"the header fits several layouts, name one: {', '.join(names)}"
            raise UnreadableFile(reason, line=at, profiles=names)
        _, profile, header, delimiter = chosen[0]
        return Table(profile, header, delimiter, at, chain(head[at:], stream))
    raise _no_header(head, profiles, named=named)


def rows(table: Table, context: Context) -> Iterator[Row]:
    """The rows below the header.

    Raises:
        UnreadableFile: a quote is not closed, or what `lines` raises.
    """
    names = context.names
    width = len(names)
    reader = csv.reader(table.rest, delimiter=table.delimiter, strict=True)
    begin = table.line + 1
    sections = table.profile.format == "sections"
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise UnreadableFile(_said(error), line=begin) from error
        if cells is None:
            return
        cells = list(map(str.strip, cells))
        row = Row(begin, cells, dict(zip(names, cells, strict=False)), context)
        if len(cells) > width and not sections and any(cells[width:]):
            row.problem = (
                f"has {len(cells)} fields where the header has {width}: a delimiter inside a"
                " text without quotes?"
            )
        yield row
        begin = table.line + 1 + reader.line_num


def _fitting(line: str, profiles: tuple[Profile, ...]) -> list[tuple[int, Profile, list[str], str]]:
    found = []
    for delimiter in _DELIMITERS:
        if delimiter not in line:
            continue
        header = _cells(line, delimiter)
        found += [
            (columns, profile, header, delimiter)
            for profile in profiles
            if (columns := profile.matches(header))
        ]
    return found


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _no_header(head: list[str], profiles: tuple[Profile, ...], *, named: bool) -> UnreadableFile:
    if not any(line.strip() for line in head):
        return UnreadableFile("the file is empty")
    names = [profile.name for profile in profiles]
    if not named:
        return UnreadableFile(
            f"no line of the first {HEADER_LINES_MAX} is the header of a known layout; known are:"
            f" {', '.join(names)}",
            profiles=names,
        )
    (profile,) = profiles
    nearest = min(
        (
            profile.missing(_cells(line, delimiter))
            for line in head
            for delimiter in _DELIMITERS
            if line.strip()
        ),
        key=len,
    )
    return UnreadableFile(
        f"no line of the first {HEADER_LINES_MAX} is the header of {profile.title};"
        f" columns that are missing: {', '.join(nearest)}",
        profiles=names,
    )


def _said(error: csv.Error) -> str:
    text = str(error)
    if "end of data" in text or "field larger" in text:
        return "a quote is opened and not closed, or a field is too long"
    return f"is not well-formed: {text}"
