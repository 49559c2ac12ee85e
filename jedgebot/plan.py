"""What a command is going to do, as plain data."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from jedgebot.spec.table import TableSpec


@dataclass(frozen=True)
class CreateFile:
    """A file that is not there yet."""

    path: PurePosixPath
    text: str

    @property
    def before(self) -> str:
        """Nothing."""
        return ""


@dataclass(frozen=True)
class EditFile:
    """Another text for a file that is there."""

    path: PurePosixPath
    before: str
    text: str


@dataclass(frozen=True)
class MakeRevision:
    """A revision that creates one table."""

    message: str
    table: str


Write = CreateFile | EditFile


@dataclass(frozen=True)
class TablePlan:
    """What one table adds to a project that has the tables before it.

    Attributes:
        spec: with its references resolved.
        parents: every table that it refers to, directly or through others, but `users`.
    """

    spec: TableSpec
    parents: dict[str, TableSpec]
    writes: tuple[Write, ...]
    revision: MakeRevision


@dataclass(frozen=True)
class Plan:
    """Everything a command writes, before it does.

    Attributes:
        tables: in the order in which their revisions follow each other.
    """

    tables: tuple[TablePlan, ...]

    @property
    def writes(self) -> tuple[Write, ...]:
        """The writes of all tables, one for each file."""
        merged: dict[PurePosixPath, Write] = {}
        for write in (write for table in self.tables for write in table.writes):
            first = merged.get(write.path)
            if isinstance(first, EditFile):
                merged[write.path] = EditFile(write.path, first.before, write.text)
            else:
                merged[write.path] = write
        return tuple(merged.values())

    def diff(self) -> Iterator[str]:
        """The writes as unified diffs."""
        for write in self.writes:
            source = "/dev/null" if isinstance(write, CreateFile) else f"a/{write.path}"
            yield from unified_diff(write.before, write.text, source, str(write.path))


def unified_diff(before: str, after: str, source: str, path: str) -> Iterator[str]:
    """The lines of a unified diff of one file."""
    yield from difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), source, f"b/{path}"
    )
