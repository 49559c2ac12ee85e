"""The repairs of several modules, drafted together, tried, and written in one step."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from jedgebot.checks import Finding, Module, Project
from jedgebot.migrations.target import Target
from jedgebot.repairs.imports import sort_imports
from jedgebot.repairs.pages import write_page
from jedgebot.repairs.registration import register
from jedgebot.repairs.repair import Draft, Outcome, Repair, Unrepaired
from jedgebot.repairs.tests import failing_tests, write_tests
from jedgebot.workspace import Workspace


def repair(
    project: Project, modules: Sequence[Module], boxes: Mapping[str, Sequence[Finding]]
) -> list[Outcome]:
    """Put right what is mechanical: registration, missing tests and pages, order of imports.

    Args:
        project: as it was when the boxes were looked at.
        modules: those to put right.
        boxes: what was found of them, by their names.

    Returns:
        What was done, and what could not be; nothing is written if there is nothing to do.

    Raises:
        Failure: a file cannot be written, or another command changes the project; everything is
            as it was.
    """
    draft = Draft(project, {n: {one.check: one for one in found} for n, found in boxes.items()})
    workspace = Workspace(project.root)
    with workspace.locked():
        outcomes: list[Outcome] = []
        for module in modules:
            for mend in (register, write_tests, write_page):
                outcomes += mend(draft, module)
        outcomes += sort_imports(draft, modules)
        outcomes = _without_failing_tests(draft, workspace, outcomes)
        contents = {PurePosixPath(one.path): one.text.encode() for one in draft.writes()}
        if contents:
            target = Target(project.root, project.database_url)
            workspace.change(contents, target.no_mark, lambda: None, target.holds)
    return outcomes


def _without_failing_tests(
    draft: Draft, workspace: Workspace, outcomes: Sequence[Outcome]
) -> list[Outcome]:
    """Try the new tests in a copy of the project, and leave out those that fail there."""
    tests = [one for one in outcomes if isinstance(one, Repair) and one.path.startswith("tests/")]
    new = [one for one in tests if not (draft.root / one.path).exists()]
    if not new:
        return list(outcomes)
    kept: list[Outcome] = [one for one in outcomes if one not in new]
    with workspace.staged() as stage:
        workspace.write_staged(stage, draft.writes())
        for one in new:
            fault = failing_tests(stage, one.path)
            if fault is None:
                kept.append(one)
            else:
                draft.drop(one.path)
                kept.append(
                    Unrepaired(
                        f"{one.path} is missing, and what would be rendered fails: {fault}",
                        "write a test of each route by hand",
                    )
                )
    return kept
