"""The command line in a copy of the project of which the greater part is imported once."""

import json
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.cli.project_copy import Answer, CommandLine, ProjectCopy

_TABLES = ("users", "user_sessions", "portfolios", "transactions")
_MODULES = ("jedgebot.commands.table_check", *(f"backend.{table}.routes" for table in _TABLES))
"""What most tests leave as it is: two thirds of what a check imports."""


class PrimedCopy:
    """`python -m jedgebot` in one copy of the project.

    A run in which any of the imported files is another one than it was begins without them.
    """

    def __init__(self, project: ProjectCopy, bare: CommandLine, scratch: Path) -> None:
        self.root = project.root
        self._bare = bare
        self._primed = CommandLine(scratch, project.root, *_MODULES)
        self._imported = {
            Path(name): Path(name).read_bytes() for name in json.loads(self._primed.answer())
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._primed.__exit__(kind, error, trace)

    def run(self, *arguments: str, **environment: str) -> Answer:
        """Run one command to its end."""
        command_line = self._primed if self._is_as_imported() else self._bare
        return command_line.run(self.root, *arguments, **environment)

    def _is_as_imported(self) -> bool:
        return all(
            path.exists() and path.read_bytes() == content
            for path, content in self._imported.items()
        )
