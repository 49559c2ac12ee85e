"""A revision, made by autogenerate in one process."""

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.operations.ops import MigrationScript
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from backend.core.migrations import alembic_config
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


def head_of(root: Path) -> str:
    """The one head of a project's revisions; "base" if there are none.

    Raises:
        Failure: there are several.
    """
    heads = ScriptDirectory.from_config(alembic_config(root)).get_heads()
    if len(heads) > 1:
        raise Failure(
            f"the migrations have {len(heads)} heads: {', '.join(sorted(heads))}.",
            'Join them: alembic merge heads -m "merge", then alembic upgrade head.',
        )
    return heads[0] if heads else "base"


def make_revision(root: Path, url: str, expected: Expected, message: str) -> Revision:
    """Write the revision that creates a table.

    Args:
        root: of the project, whose models have the table.
        url: of a database at head.
        expected: what it has to create.
        message: its title.

    Raises:
        Failure: it would do anything else, or cannot be made.
    """
    down = head_of(root)

    def reviewed(_context: object, _revision: object, scripts: list[MigrationScript]) -> None:
        for script in scripts:
            if script.upgrade_ops is not None:
                review(script.upgrade_ops, expected)

    try:
        made = command.revision(
            alembic_config(root, url),
            message,
            autogenerate=True,
            process_revision_directives=reviewed,
        )
    except CommandError as error:
        raise Failure(f"the revision cannot be made: {error}", "See docs/migrations.md.") from error
    script = made[0] if isinstance(made, list) else made
    if script is None:
        raise Failure("Alembic made no revision.", "See alembic/env.py.")
    return Revision(script.revision, down, str(Path(script.path).relative_to(root)))
