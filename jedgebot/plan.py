"""What a command is going to do, as plain data."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath


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
class Plan:
    """Everything a command writes, before it does."""

    writes: tuple[Write, ...]
    revision: MakeRevision

    def diff(self) -> Iterator[str]:
        """The writes as unified diffs."""
        for write in self.writes:
            source = "/dev/null" if isinstance(write, CreateFile) else f"a/{write.path}"
            yield from difflib.unified_diff(
                write.before.splitlines(keepends=True),
                write.text.splitlines(keepends=True),
                source,
                f"b/{write.path}",
            )
