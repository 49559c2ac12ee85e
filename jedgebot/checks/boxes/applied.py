"""Box 4: the migrations are applied to the configured database."""

from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from backend.core.settings import database_setting
from jedgebot.checks.drift import drift_of
from jedgebot.checks.finding import Box, Problem, Proof, Seen
from jedgebot.checks.loading import Unusable
from jedgebot.checks.project import Module, Project

_UPGRADE = "run: alembic upgrade heads"
_RESTORE = "unless the box Migration is open, it was changed past the migrations: restore it"


def look(project: Project, module: Module) -> Seen:
    """The configured database is at head and has the table that the migrations make."""
    project = project.around(module)
    database, applied = _name(project), project.applied
    if applied is None:
        yield Problem(f"{database} does not exist", _UPGRADE)
        return
    if isinstance(applied, Unusable):
        yield Problem(
            f"{database} cannot be read: {applied.what}",
            f"start it, or correct {database_setting(project.database)}; then {_UPGRADE}",
        )
        return
    known = project.heads
    heads = frozenset() if isinstance(known, Unusable) else frozenset(known)
    if applied.heads != heads:
        yield Problem(
            f"{database} is at {_listed(applied.heads)}, head is {_listed(heads)}",
            _UPGRADE if len(heads) == 1 else "see the box Migration",
        )
        return
    migrated = project.migrated
    expected = {} if isinstance(migrated, Unusable) else migrated.get(module.name, {})
    if not expected:
        yield Problem(f"the migrations make no table {module.name}", "see the box Migration")
        return
    if module.name not in applied.tables:
        yield Problem(
            f"{database} is at head but has no table {module.name}",
            "it was dropped past the migrations: restore the database",
        )
        return
    for line in drift_of(project, applied, module.name):
        yield Problem(line, _RESTORE)
    yield Proof(f"{database} is at {_listed(heads)} and has it")
    if isinstance(applied.modelled, str):
        yield Proof(f"its parts were not compared: {applied.modelled}")


def _name(project: Project) -> str:
    """The database without its password, and without the path to the project."""
    try:
        url = make_url(project.database_url)
    except ArgumentError:
        return f"the database of {database_setting(project.database)}"
    if url.get_backend_name() != "sqlite" or not url.database:
        return url.render_as_string(hide_password=True)
    path = Path(url.database).absolute()
    inside = path.is_relative_to(project.root)
    return (path.relative_to(project.root) if inside else path).as_posix()


def _listed(heads: frozenset[str]) -> str:
    return ", ".join(sorted(heads)) or "no revision"


CHECK = Box("applied", "Applied", look)
