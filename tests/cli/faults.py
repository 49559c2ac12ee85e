"""What it takes to break the project, and what `jedgebot table check` must say of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from jedgebot.checks.migrated import script_directory
from tests.cli.project_copy import ROOT, ProjectCopy

Change = Callable[[ProjectCopy], None]

PROFILES = ("user_profiles",)
SESSIONS = ("user_sessions",)
USERS = ("users",)
ALL = tuple(
    sorted(
        path.parent.name
        for path in (ROOT / "backend").glob("*/models.py")
        if path.parent.name != "core"
    )
)

FIRST_REVISION = "alembic/versions/*_users_sessions_profiles_*.py"
_EMPTY_REVISION = '''"""Nothing."""

revision = "{revision}"
down_revision = {after}


def upgrade() -> None:
    """Change nothing."""


def downgrade() -> None:
    """Change nothing."""
'''


@dataclass(frozen=True)
class Fault:
    """One way to break the project.

    Attributes:
        says: a part of the evidence or the hint of a box that must open.
        boxes: every box that must open, with the modules it must open for.
        rules: every house rule that must be broken.
        line: a part of the line that the evidence must point at; empty if it is of no line.
    """

    name: str
    break_it: Change
    says: str
    boxes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rules: tuple[str, ...] = ()
    line: str = ""


def replaced(path: str, old: str, new: str) -> Change:
    return lambda project: project.replace(path, old, new)


def deleted(path: str) -> Change:
    return lambda project: project.delete(path)


def both(*changes: Change) -> Change:
    def change(project: ProjectCopy) -> None:
        for one in changes:
            one(project)

    return change


def appended(path: str, text: str) -> Change:
    return lambda project: project.append(path, text)


def without_revisions(project: ProjectCopy) -> None:
    """No migration is left."""
    for path in list(project.root.glob("alembic/versions/*.py")):
        project.delete(f"alembic/versions/{path.name}")


def with_revision(name: str, *, after_head: bool) -> Change:
    """A revision that changes nothing, after the head or after none."""

    def write(project: ProjectCopy) -> None:
        head = script_directory(ROOT).get_current_head() if after_head else None
        text = _EMPTY_REVISION.format(revision=name, after=repr(head))
        project.write(f"alembic/versions/2100-01-01_{name}.py", text)

    return write
