"""Alembic's commands as functions that print nothing."""

import io
from argparse import Namespace
from pathlib import Path

from alembic import command
from alembic.config import Config

from backend.core.settings import MAIN_DATABASE, PROJECT_ROOT


def alembic_config(
    project_root: Path, url: str | None = None, database: str = MAIN_DATABASE
) -> Config:
    """The configuration of a project's `alembic.ini`.

    Args:
        project_root: where it is.
        url: of the only database that commands concern; without it all of the settings' are.
        database: the name of the database at the URL.

    Commands that run with it write to no standard stream (only post-write hooks say that they
    run) and leave logging as it is.
    """
    return Config(
        project_root / "alembic.ini",
        stdout=io.StringIO(),
        cmd_opts=Namespace(quiet=True, x=None),
        attributes={"database_url": url, "database": database, "configure_logging": False},
    )


def upgrade(url: str, revision: str = "heads", database: str = MAIN_DATABASE) -> None:
    """Bring a database to a revision; without one, to the newest.

    Raises:
        MigrationError: another migration runs, a lock stays taken, or a check failed.
        CommandError: there is no such revision.
        DBAPIError: a statement failed; the database is as the last whole revision left it.
    """
    command.upgrade(alembic_config(PROJECT_ROOT, url, database), revision)


def downgrade(url: str, revision: str, database: str = MAIN_DATABASE) -> None:
    """Take a database back to a revision; raises what `upgrade` raises."""
    command.downgrade(alembic_config(PROJECT_ROOT, url, database), revision)
