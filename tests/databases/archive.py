"""The project's revisions with a branch for the archive, made as its author would make it."""

import shutil
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
        text = (PROJECT_ROOT / "alembic.ini").read_text()
        text = text.replace("%(here)s", str(PROJECT_ROOT))
        place = "[alembic]\n"
        text = text.replace(place, f"{place}version_locations = {project.versions}\n", 1)
        (directory / "alembic.ini").write_text(text)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("JEDGEBOT_DATABASE_URL", f"sqlite:///{directory / 'main.db'}")
            project.revise("Begin the archive", head="base", branch_label="archive")
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
