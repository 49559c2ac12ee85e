"""From a specification to a plan: what is rendered, what is edited, what is there already."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from jedgebot.editing.mounting import mount
from jedgebot.editing.results import AlreadyThere, CannotEdit, Changed, Result
from jedgebot.editing.scope import add_to_scope
from jedgebot.errors import Failure, Misuse
from jedgebot.plan import CreateFile, EditFile, MakeRevision, Plan, TablePlan, Write
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


def plan_for(specs: Sequence[TableSpec], project: Project) -> Plan | None:
    """Plan new tables; None if the project has exactly these.

    Args:
        specs: with their references resolved, each after those that it refers to.
        project: the project as it is.

    Raises:
        Misuse: a table cannot be so called, or something of its name is there and is not it.
        Failure: a shared file has a form that cannot be edited, or a file of a table is missing.
    """
    shared = {path: _read(project.root / path, path) for path in SHARED_FILES}
    planned: list[TablePlan] = []
    for spec in specs:
        if spec.name in project.tables:
            _require_same(spec, project, shared)
            continue
        check_singular(spec.name, spec.singular)
        check_constraint_names(spec)
        project.require_free(spec)
        parents = project.parents_of(spec, {table.spec.name: table.spec for table in planned})
        writes: list[Write] = [
            CreateFile(path, text) for path, text in render_module(spec, parents).items()
        ]
        for edit in _edits(spec, shared):
            writes.append(edit)
            shared[str(edit.path)] = edit.text
        revision = MakeRevision(f"Add {spec.name}", spec.name)
        planned.append(TablePlan(spec, parents, tuple(writes), revision))
    return Plan(tuple(planned)) if planned else None


def _require_same(spec: TableSpec, project: Project, shared: Mapping[str, str]) -> None:
    if spec.name not in project.modules:
        raise Misuse(
            f'the table "{spec.name}" exists already, and has no module of its own.',
            "Choose another name: other parts of the backend use that table.",
        )
    there = project.spec_of(spec.name)
    if there is None or not there.same_columns_as(spec):
        raise Misuse(
            f'the table "{spec.name}" exists already, with other fields.',
            f"To change it, edit backend/{spec.name}/ and make a revision; "
            f"`jedgebot table check {spec.name}` tells what is missing.",
        )
    for edit in _edits(spec, shared):
        raise Failure(
            f"the table {spec.name} exists already, but {edit.path} does not have it.",
            f"`jedgebot table check {spec.name}` tells what is missing.",
        )


def _edits(spec: TableSpec, shared: Mapping[str, str]) -> Iterator[EditFile]:
    """What the shared files need to have a table; nothing if they have it."""
    for path, edit in SHARED_FILES.items():
        match edit(shared[path], spec):
            case Changed(source=source):
                yield EditFile(PurePosixPath(path), shared[path], source)
            case CannotEdit(reason=reason, hint=hint):
                raise Failure(f"{path} {reason}.", hint)
            case AlreadyThere():
                continue


def _read(file: Path, path: str) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}.", "Restore it first.") from error
