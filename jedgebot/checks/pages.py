"""A page of documentation, read section by section."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_PLACEHOLDERS = frozenset({"", "-", "*", "…", "...", "todo", "tbd"})


@dataclass(frozen=True)
class Section:
    """A section with its subsections.

    Attributes:
        line: of its heading, counted from 1.
    """

    line: int
    lines: tuple[str, ...]

    @property
    def says_something(self) -> bool:
        """Whether there is more in it than headings and placeholders."""
        lines = [line.strip() for line in self.lines if not line.startswith("#")]
        return any(line.strip("-* .").lower() not in _PLACEHOLDERS for line in lines)

    def first_cells(self) -> list[tuple[int, str]]:
        """The first cell of each row of a table, with its line."""
        rows = enumerate(self.lines, start=self.line + 1)
        return [
            (number, match[1])
            for number, line in rows
            if (match := re.match(r"\|\s*`([^`]+)`\s*\|", line))
        ]


class Page:
    """A page; comments count for nothing.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it is not text.
    """

    def __init__(self, root: Path, path: str) -> None:
        self.path = path
        self.whole = (root / path).read_text(encoding="utf-8")
        self.text = _blanked(r"<!--.*?-->", self.whole)

    def names(self, column: str) -> bool:
        """Whether the column is named as code or as a cell of a table."""
        name = re.escape(column)
        return re.search(rf"`{name}`|\|\s*{name}\s*\|", self.text) is not None

    def names_endpoint(self, endpoint: str) -> bool:
        """Whether the endpoint, such as `GET /users/me`, is named as code."""
        return re.search(rf"`{re.escape(endpoint)}(?=[`?\s])", self.text) is not None

    @cached_property
    def sections(self) -> dict[str, Section]:
        """The sections, by their titles in lower case."""
        lines = self.text.splitlines()
        prose = _blanked(r"^```.*?^```", self.text).splitlines()
        headings = [
            (number, len(match[1]), match[2].strip().lower())
            for number, line in enumerate(prose)
            if (match := re.match(r"(#+)\s+(.*)", line))
        ]
        sections = {}
        for number, level, title in headings:
            ends = [other for other, depth, _ in headings if other > number and depth <= level]
            body = lines[number + 1 : min(ends, default=len(lines))]
            sections[title] = Section(number + 1, tuple(body))
        return sections


def _blanked(pattern: str, text: str) -> str:
    """The text with what matches taken out, but for the line ends."""
    return re.sub(
        pattern, lambda match: "\n" * match[0].count("\n"), text, flags=re.DOTALL | re.MULTILINE
    )
