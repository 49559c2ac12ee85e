"""The project's revisions with a branch for the archive, made as its author would make it."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Self

import pytest
from alembic import command
from alembic.config import Config

from backend.core.migrations import alembic_config
from backend.core.settings import PROJECT_ROOT
from tests.databases.corrections.models import Correction
from tests.databases.readings.models import Reading

MODELS = (Reading, Correction)
"""Imported here: autogenerate compares what is imported."""


REVISION = '''"""A revision by hand."""

from alembic import op

revision = "{name}"
down_revision = {down!r}
branch_labels = None
depends_on = {depends!r}


def upgrade() -> None:
    {upgrade}


def downgrade() -> None:
    pass
'''


class ArchiveProject:
    """A folder of revisions of two databases, and commands on whichever the environment names."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.versions = directory / "versions"

    @classmethod
    def made_in(cls, directory: Path) -> Self:
        """Copy the project's revisions, and begin the archive with what autogenerate writes."""
        project = cls(directory)
        shutil.copytree(PROJECT_ROOT / "alembic" / "versions", project.versions)
        project._configure()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("JEDGEBOT_DATABASE_URL", f"sqlite:///{directory / 'main.db'}")
            project.revise("Begin the archive", head="base", branch_label="archive")
        return project

    def copied_to(self, directory: Path) -> "ArchiveProject":
        """The same revisions in another folder."""
        project = ArchiveProject(directory)
        shutil.copytree(self.versions, project.versions)
        project._configure()
        return project

    def config(self) -> Config:
        """The configuration for Alembic's commands in this process, on the settings' databases."""
        return alembic_config(self.directory)

    def revise(self, message: str, *, head: str = "head", branch_label: str | None = None) -> str:
        """Write a revision by autogenerate, and give its id."""
        made = command.revision(
            self.config(), message, autogenerate=True, head=head, branch_label=branch_label
        )
        assert made is not None
        assert not isinstance(made, list)
        return made.revision

    def write(
        self,
        name: str,
        down: str | tuple[str, ...],
        upgrade: str = "pass",
        depends: str | None = None,
    ) -> None:
        """Write a revision by hand."""
        text = REVISION.format(name=name, down=down, upgrade=upgrade, depends=depends)
        (self.versions / f"{name}.py").write_text(text)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start `alembic` as a program."""
        ini = str(self.directory / "alembic.ini")
        return subprocess.Popen(
            [sys.executable, "-m", "alembic", "-c", ini, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _configure(self) -> None:
        text = (PROJECT_ROOT / "alembic.ini").read_text()
        text = text.replace("%(here)s", str(PROJECT_ROOT))
        place = "[alembic]\n"
        text = text.replace(place, f"{place}version_locations = {self.versions}\n", 1)
        # What formats a revision of the project would warn of each file outside of it.
        text = text.replace("hooks = ruff_check, ruff_format", "hooks =")
        (self.directory / "alembic.ini").write_text(text)
