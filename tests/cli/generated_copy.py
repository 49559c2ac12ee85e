"""A copy of the project with two tables as `jedgebot table add` renders them."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from jedgebot.editing.mounting import mount
from jedgebot.editing.results import Changed
from jedgebot.editing.scope import add_to_scope
from jedgebot.rendering.module import render_module
from jedgebot.spec.grammar import parse_table
from jedgebot.spec.table import TableSpec
from tests.cli.project_copy import ProjectCopy

FOLDERS = replace(parse_table("folders", ["name:str:80:unique"]), why="Where papers are.")
WATCHLISTS = replace(
    parse_table(
        "watchlists",
        [
            "folder:ref:folders",
            "name:str:80:unique",
            "threshold:decimal:20,8:min=0",
            "size:int",
            "side:enum:buy,sell",
            "seen:datetime:index",
            "note:text:null",
        ],
    ),
    why="What a trader looks at.",
    later=("color: when there is a screen",),
)
_EDITS = (("backend/main.py", mount), ("backend/models/__init__.py", add_to_scope))
_MIGRATE = """
from alembic import command
from alembic.config import Config

config = Config("alembic.ini")
command.upgrade(config, "head")
command.revision(config, "Add two tables", autogenerate=True)
command.upgrade(config, "head")
"""


class GeneratedCopy(ProjectCopy):
    """A copy of the project with the tables folders and watchlists.

    Attributes:
        database: a SQLite file at its head.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        for spec in (FOLDERS, WATCHLISTS):
            self._add(spec)
        self.database = root.with_name(f"{root.name}.db")
        subprocess.run(
            [sys.executable, "-c", _MIGRATE],
            cwd=root,
            env={**os.environ, "JEDGEBOT_DATABASE_URL": f"sqlite:///{self.database}"},
            check=True,
            capture_output=True,
        )
        for folder in list(root.rglob("__pycache__")):
            shutil.rmtree(folder)

    def _add(self, spec: TableSpec) -> None:
        for path, text in render_module(spec, {"folders": FOLDERS}).items():
            (self.root / path).parent.mkdir(exist_ok=True)
            (self.root / path).write_text(text, encoding="utf-8")
        for name, edit in _EDITS:
            result = edit((self.root / name).read_text(encoding="utf-8"), spec)
            assert isinstance(result, Changed)
            (self.root / name).write_text(result.source, encoding="utf-8")
