"""Adding a table: tried and proved in a staged copy, then written and migrated in one step."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from jedgebot import console
from jedgebot.checks import BOXES, Finding
from jedgebot.errors import Failure
from jedgebot.linting import lint
from jedgebot.migrations.expected import Expected
from jedgebot.migrations.revision import Revision, head_of
from jedgebot.migrations.target import Target
from jedgebot.plan import EditFile, Plan
from jedgebot.spec.table import TableSpec
from jedgebot.staging.process import Worker
from jedgebot.workspace import Workspace

_DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_LOOK_AT_MODELS = "Look whether the models can be imported: `jedgebot table check`."


@dataclass(frozen=True)
class Added:
    """A table that was added.

    Attributes:
        boxes: the nine boxes, each with what proves it.
    """

    revision: Revision
    boxes: tuple[Finding, ...]


def carry_out(
    spec: TableSpec, plan: Plan, workspace: Workspace, worker: Worker, target: Target
) -> Added:
    """Carry out a plan.

    Raises:
        Failure: something was refused or failed; the project and its database are as before.
    """
    with workspace.staged() as stage:
        worker.enter(stage)
        with console.step("Write the staged copy") as step:
            workspace.write_staged(stage, plan.writes)
            lint(stage, [write.path for write in plan.writes])
            step.detail = f"{len(plan.writes)} files, linted"
        with console.step("Make and review the migration") as step:
            revision = _make_revision(worker, spec, plan)
            step.detail = f"{revision.id} creates {spec.name} and nothing else"
        worker.call("begin_tests", _LOOK_AT_MODELS, path=f"tests/unit/{spec.name}")
        with console.step("Prove it up, down and up") as step:
            step.detail = worker.call("prove_revision", f"Look at {revision.path}.")
        with console.step("Check the nine boxes") as step:
            boxes = _boxes(worker, spec)
            step.detail = f"{len(boxes)} closed in the staged copy"
        passed = {database: _tests_passed(worker, database) for database in _DATABASES}
        paths = [*(write.path for write in plan.writes), PurePosixPath(revision.path)]
        contents = {path: (stage / path).read_bytes() for path in paths}
        with console.step("Write and migrate") as step:
            _commit(plan, contents, revision, workspace, target)
            step.detail = f"{len(contents)} files; {target.shown} is at {revision.id}"
    return Added(revision, _with_evidence(boxes, passed, target, revision))


def _make_revision(worker: Worker, spec: TableSpec, plan: Plan) -> Revision:
    expected = Expected.of(spec)
    made = worker.call(
        "make_revision",
        _LOOK_AT_MODELS,
        table=expected.table,
        columns=sorted(expected.columns),
        constraints=sorted(expected.constraints),
        indexes=sorted(expected.indexes),
        message=plan.revision.message,
    )
    return Revision(**made)


def _boxes(worker: Worker, spec: TableSpec) -> tuple[Finding, ...]:
    found: list[dict[str, Any]] = worker.call("boxes", _LOOK_AT_MODELS, table=spec.name)
    findings = tuple(Finding(**{**one, "evidence": tuple(one["evidence"])}) for one in found)
    for finding in findings:
        if not finding.passed:
            title = next(box.title for box in BOXES if box.id == finding.check)
            raise Failure(
                f"the box {title} of the staged table is open: {'; '.join(finding.evidence)}",
                finding.hint,
            )
    return findings


def _tests_passed(worker: Worker, database: str) -> int:
    """Wait for the generated tests on one database, and say how many have passed."""
    with console.step(f"Test it on {_DATABASES[database]}") as step:
        result = worker.call("end_tests", "Look whether `./run test` works.", database=database)
        passed: int = result["passed"]
        if result["failures"]:
            raise Failure(
                f"{len(result['failures'])} of the generated tests failed: {result['failures'][0]}",
                "The code that was rendered, or the core under it, is wrong; nothing was written.",
            )
        if passed == 0:
            raise Failure("no generated test was found.", "Look at the template of the tests.")
        step.detail = f"{passed} passed in {result['seconds']:.1f} s"
    return passed


def _commit(
    plan: Plan,
    contents: Mapping[PurePosixPath, bytes],
    revision: Revision,
    workspace: Workspace,
    target: Target,
) -> None:
    """Write the files and migrate the database, whose commit decides."""
    _require_unchanged(plan, workspace.root)
    if head_of(workspace.root) != revision.down:
        raise Failure("another revision was made meanwhile.", "Run the command again.")
    target.require_at(revision.down)
    workspace.change(
        contents, target.mark(revision.id), lambda: target.apply(revision.id), target.holds
    )


def _require_unchanged(plan: Plan, root: Path) -> None:
    """Refuse to write over what someone has written since the plan was made."""
    for write in plan.writes:
        path = root / write.path
        now = path.read_text(encoding="utf-8") if path.exists() else None
        if now != (write.before if isinstance(write, EditFile) else None):
            raise Failure(f"{write.path} was changed meanwhile.", "Run the command again.")


def _with_evidence(
    boxes: tuple[Finding, ...], passed: Mapping[str, int], target: Target, revision: Revision
) -> tuple[Finding, ...]:
    """The boxes with what only the run itself has seen."""
    seen = {
        "applied": (f"{target.shown} is at {revision.id}",),
        "tests": tuple(f"{passed[name]} passed on {shown}" for name, shown in _DATABASES.items()),
    }
    return tuple(
        replace(one, evidence=seen["applied"])
        if one.check == "applied"
        else replace(one, evidence=(*one.evidence, *seen.get(one.check, ())))
        for one in boxes
    )
