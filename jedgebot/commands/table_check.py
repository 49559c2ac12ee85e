"""`jedgebot table check`: the nine boxes of each module, and the house rules."""

import subprocess
import sys
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Annotated

import typer

from backend.core.settings import PROJECT_ROOT, load_settings
from jedgebot import console
from jedgebot.checks import RULES, Finding, Module, Project, nine_boxes
from jedgebot.commands import check_report, completion
from jedgebot.errors import Failure, Misuse
from jedgebot.repairs.repair import Outcome, Repair


def table_check(
    name: Annotated[
        str | None, typer.Argument(help="Only this module.", autocompletion=completion.tables)
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON document.")] = False,
    fix: Annotated[
        bool,
        typer.Option("--fix", help="Put right what is mechanical, and check again."),
    ] = False,
) -> None:
    """Check the nine boxes of each module, and the house rules.

    Example: jedgebot table check user_profiles

    Each box shows what proves it: file and line, revision, endpoints and the status they answer.
    An open one shows what is wrong, and a hint. Exit code 1 if any is open.

    Example: jedgebot table check --fix

    Registers modules in backend/main.py and backend/models, writes missing tests that pass and
    missing docs pages, sorts imports: all of it, or nothing. Without --fix nothing is written,
    neither to the project nor to its database.
    """
    project = Project(PROJECT_ROOT, load_settings().database_url)
    only = _module(project, name) if name is not None else None
    modules = [only] if only is not None else list(project.modules)
    findings = [one for module in modules for one in nine_boxes(project, module.name)]
    findings += [finding for rule in RULES for finding in rule.run(project, only)]
    outcomes: list[Outcome] | None = None
    if fix:
        # It takes most of a second, which a check does without.
        from jedgebot.repairs.carrying_out import repair  # noqa: PLC0415 - see above

        outcomes = repair(project, modules, _by_table(findings))
        if any(isinstance(one, Repair) for one in outcomes):
            findings = _checked_again(name)
    if as_json:
        console.out(check_report.document(findings, outcomes))
    else:
        _show(findings)
        for line in check_report.repairs_report(outcomes or ()):
            console.out(line)
        console.out(check_report.summary(findings))
    if not all(finding.passed for finding in findings):
        raise typer.Exit(1)


def _module(project: Project, name: str) -> Module:
    module = project.module(name)
    if module is not None:
        return module
    names = [module.name for module in project.modules]
    near = get_close_matches(name, names, n=1)
    raise Misuse(
        f'there is no module "{name}".',
        f'Did you mean "{near[0]}"?' if near else f"There are: {', '.join(names)}.",
    )


def _by_table(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    """The boxes of each module."""
    boxes: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.table is not None:
            boxes.setdefault(finding.table, []).append(finding)
    return boxes


def _checked_again(name: str | None) -> list[Finding]:
    """The findings in a process of its own: this one has imported the code as it was."""
    words = ["table", "check", "--json", *([name] if name is not None else [])]
    done = subprocess.run(  # noqa: S603 - this command line, with the name of a module
        [sys.executable, "-m", "jedgebot", *words],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return check_report.findings_in(done.stdout)
    except ValueError:
        lines = done.stderr.strip().splitlines() or ["it says nothing"]
        raise Failure(
            f"the repairs are made, but the project cannot be checked again: {lines[0]}",
            "Run `jedgebot table check`.",
        ) from None


def _show(findings: Sequence[Finding]) -> None:
    for table, boxes in _by_table(findings).items():
        console.styled(table, "bold")
        _show_lines(check_report.boxes_report(boxes))
        console.out()
    console.styled("House rules", "bold")
    _show_lines(check_report.rules_report([one for one in findings if one.table is None]))
    console.out()


def _show_lines(lines: Iterable[str]) -> None:
    for line in lines:
        console.styled(line, "red" if line.startswith(check_report.OPEN) else "")
