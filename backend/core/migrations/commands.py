"""Alembic's commands as functions that print nothing."""

import io
from argparse import Namespace
from pathlib import Path

from alembic import command
from alembic.config import Config

from backend.core.settings import PROJECT_ROOT


def alembic_config(project_root: Path, url: str | None = None) -> Config:
    """The configuration of a project's `alembic.ini`, for a database of its own or the settings'.

    Commands that run with it write to no standard stream (only post-write hooks say that they
    run) and leave logging as it is.
    """
    return Config(
        project_root / "alembic.ini",
        stdout=io.StringIO(),
        cmd_opts=Namespace(quiet=True, x=None),
        attributes={"database_url": url, "configure_logging": False},
    )


def upgrade(url: str, revision: str = "head") -> None:
    """Bring a database to a revision.

    Raises:
        MigrationError: another migration runs, a lock stays taken, or a check failed.
        CommandError: there is no such revision.
        DBAPIError: a statement failed; the database is as the last whole revision left it.
    """
    command.upgrade(alembic_config(PROJECT_ROOT, url), revision)


def downgrade(url: str, revision: str) -> None:
    """Take a database back to a revision; raises what `upgrade` raises."""
    command.downgrade(alembic_config(PROJECT_ROOT, url), revision)
