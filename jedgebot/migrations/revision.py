"""A revision, made by autogenerate in one process."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.operations.ops import MigrationScript
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from backend.core.migrations import alembic_config
from backend.core.migrations.histories import Histories
from backend.core.settings import MAIN_DATABASE
from jedgebot.errors import Failure
from jedgebot.migrations.expected import Expected
from jedgebot.migrations.review import review


@dataclass(frozen=True)
class Revision:
    """A revision in a file.

    Attributes:
        path: of the file, from the project's root.
    """

    id: str
    down: str
    path: str


def databases_of(root: Path) -> tuple[str, ...]:
    """The databases that a project has revisions of, the main one first."""
    return _histories(root).databases


def head_of(root: Path, database: str = MAIN_DATABASE) -> str:
    """The one head of a database's revisions; "base" if there are none.

    Raises:
        Failure: there are several.
    """
    heads = _histories(root).heads_of(database)
    if len(heads) > 1:
        raise Failure(
            f"the migrations have {len(heads)} heads: {', '.join(sorted(heads))}.",
            'Join them: alembic merge heads -m "merge", then alembic upgrade heads.',
        )
    return heads[0] if heads else "base"


def _histories(root: Path) -> Histories:
    return Histories(ScriptDirectory.from_config(alembic_config(root)))


def make_revision(
    root: Path,
    url: str,
    expected: Expected,
    message: str,
    database: str = MAIN_DATABASE,
    *,
    alike: Collection[str] = (),
) -> Revision:
    """Write the revision that creates a table.

    Args:
        root: of the project, whose models have the table.
        url: of a database at head.
        expected: what it has to create.
        message: its title.
        database: the name of the database; its first revision gets it as its branch label.
        alike: the tables of which it is known that models and migrations agree about them.

    Raises:
        Failure: it would do anything else, or cannot be made.
    """
    down = head_of(root, database)

    def reviewed(_context: object, _revision: object, scripts: list[MigrationScript]) -> None:
        for script in scripts:
            if script.upgrade_ops is not None:
                review(script.upgrade_ops, expected)

    config = alembic_config(root, url, database)
    config.attributes["alike"] = alike
    try:
        made = command.revision(
            config,
            message,
            autogenerate=True,
            head=down,
            branch_label=database if down == "base" and database else None,
            process_revision_directives=reviewed,
        )
    except CommandError as error:
        raise Failure(f"the revision cannot be made: {error}", "See docs/migrations.md.") from error
    script = made[0] if isinstance(made, list) else made
    if script is None:
        raise Failure("Alembic made no revision.", "See alembic/env.py.")
    return Revision(script.revision, down, str(Path(script.path).relative_to(root)))
