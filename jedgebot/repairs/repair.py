"""What a repair is, and what one may look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from jedgebot.checks import Finding, Module, Project
from jedgebot.plan import CreateFile, EditFile, Write
from jedgebot.spec import words
from jedgebot.spec.table import TableSpec


@dataclass(frozen=True)
class Repair:
    """One thing that was put right.

    Attributes:
        what: in words, such as `backend/main.py: mount backend.watchlists`.
    """

    what: str
    path: str


@dataclass(frozen=True)
class Unrepaired:
    """One thing that only a person can put right, and why."""

    what: str
    hint: str


Outcome = Repair | Unrepaired


@dataclass
class Draft:
    """The files as the repairs so far leave them, none of them written.

    Attributes:
        findings: of each module, its boxes by their ids.
    """

    project: Project
    findings: Mapping[str, Mapping[str, Finding]]
    _texts: dict[str, str] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        """The project's directory."""
        return self.project.root

    def is_open(self, module: Module, box: str) -> bool:
        """Whether a box of the module is open."""
        finding = self.findings.get(module.name, {}).get(box)
        return finding is not None and not finding.passed

    def read(self, path: str) -> str | None:
        """A file's text as it will be; None if there is none."""
        if path in self._texts:
            return self._texts[path]
        try:
            return (self.root / path).read_text(encoding="utf-8")
        except (OSError, ValueError):
            return None

    def write(self, path: str, text: str) -> None:
        """Let a file have this text."""
        self._texts[path] = text

    def drop(self, path: str) -> None:
        """Leave a file as it is after all."""
        self._texts.pop(path, None)

    def writes(self) -> list[Write]:
        """What is to be written, sorted by path."""
        found: list[Write] = []
        for path, text in sorted(self._texts.items()):
            file = self.root / path
            if not file.exists():
                found.append(CreateFile(PurePosixPath(path), text))
            elif (before := file.read_text(encoding="utf-8")) != text:
                found.append(EditFile(PurePosixPath(path), before, text))
        return found


def named(module: Module) -> TableSpec | None:
    """As much of a specification as its names say; None if there is no model."""
    if module.model is None:
        return None
    return TableSpec(module.name, words.snake_case(module.model.__name__), ())
