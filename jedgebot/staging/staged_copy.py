"""What both workers are to the staged copy."""

import importlib
from collections.abc import Sequence
from pathlib import Path

from jedgebot.checks import Finding, Project, nine_boxes
from jedgebot.migrations.catalogue import Catalogue


class StagedCopy:
    """The copy of the project that this process imports `backend` from."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._var = root / "var"
        self._scratch = self._var / "scratch.db"
        self._url = f"sqlite:///{self._scratch}"
        self._modelled: dict[str, Catalogue] = {}

    def boxes(self, tables: Sequence[str]) -> list[Finding]:
        """The nine boxes of each table, as `jedgebot table check` sees them."""
        importlib.reload(importlib.import_module("backend.models"))  # it has the new tables
        project = Project(self._root, self._url, is_migrated=True, modelled=self._modelled)
        return [finding for table in tables for finding in nine_boxes(project, table)]
