"""From a specification to a plan: what is rendered, what is edited, what is there already."""

from collections.abc import Callable
from pathlib import PurePosixPath

from jedgebot.editing.mounting import mount
from jedgebot.editing.results import AlreadyThere, CannotEdit, Changed, Result
from jedgebot.editing.scope import add_to_scope
from jedgebot.errors import Failure, Misuse
from jedgebot.plan import CreateFile, EditFile, MakeRevision, Plan
from jedgebot.rendering.module import render_module
from jedgebot.spec.constraints import check_constraint_names
from jedgebot.spec.names import check_singular
from jedgebot.spec.project import Project
from jedgebot.spec.table import TableSpec

SHARED_FILES: dict[str, Callable[[str, TableSpec], Result]] = {
    "backend/main.py": mount,
    "backend/models/__init__.py": add_to_scope,
}
"""The two files that every table edits."""


def plan_for(spec: TableSpec, project: Project) -> Plan | None:
    """Plan a new table; None if the project has exactly this one.

    Args:
        spec: with its references resolved.
        project: the project as it is.

    Raises:
        Misuse: the table cannot be so called, or something of its name is there and is not it.
        Failure: a shared file has a form that cannot be edited, or a file of the table is missing.
    """
    if spec.name in project.metadata.tables:
        _require_same(spec, project)
        return None
    check_singular(spec.name, spec.singular)
    check_constraint_names(spec)
    project.require_free(spec)
    new = render_module(spec, project.parents_of(spec))
    writes = [CreateFile(path, text) for path, text in new.items()]
    edits = [edit for path in SHARED_FILES if (edit := _edit(path, spec, project)) is not None]
    message = f"Add {spec.name}"
    return Plan((*writes, *edits), MakeRevision(message, spec.name))


def _require_same(spec: TableSpec, project: Project) -> None:
    there = project.spec_of(spec.name)
    if there is None or not there.same_columns_as(spec):
        raise Misuse(
            f'the table "{spec.name}" exists already, with other fields.',
            f"To change it, edit backend/{spec.name}/ and make a revision; "
            f"`jedgebot table check {spec.name}` tells what is missing.",
        )
    edits = [edit for path in SHARED_FILES if (edit := _edit(path, spec, project)) is not None]
    if edits:
        raise Failure(
            f"the table {spec.name} exists already, but {edits[0].path} does not have it.",
            f"`jedgebot table check {spec.name}` tells what is missing.",
        )


def _edit(path: str, spec: TableSpec, project: Project) -> EditFile | None:
    try:
        before = (project.root / path).read_text(encoding="utf-8")
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}.", "Restore it first.") from error
    match SHARED_FILES[path](before, spec):
        case Changed(source=source):
            return EditFile(PurePosixPath(path), before, source)
        case CannotEdit(reason=reason, hint=hint):
            raise Failure(f"{path} {reason}.", hint)
        case AlreadyThere():
            return None
