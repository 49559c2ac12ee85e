"""`jedgebot table check`: the nine boxes of each module, and the house rules."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Annotated

import typer

from backend.core.settings import PROJECT_ROOT, load_settings
from jedgebot import console
from jedgebot.checks import RULES, Finding, Module, Project, nine_boxes
from jedgebot.commands import check_report
from jedgebot.errors import Misuse


def table_check(
    name: Annotated[str | None, typer.Argument(help="Only this module.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON document.")] = False,
) -> None:
    """Check the nine boxes of each module, and the house rules.

    Example: jedgebot table check user_profiles

    Exit code 1 if any is open. Nothing is written, neither to the project nor to its database.
    """
    project = Project(PROJECT_ROOT, load_settings().database_url)
    only = _module(project, name) if name is not None else None
    boxes = {
        module.name: nine_boxes(project, module.name)
        for module in ([only] if only is not None else project.modules)
    }
    rules = [finding for rule in RULES for finding in rule.run(project, only)]
    findings = [finding for of_one in boxes.values() for finding in of_one] + rules
    if as_json:
        console.out(check_report.document(findings))
    else:
        _show(boxes, rules)
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


def _show(boxes: dict[str, list[Finding]], rules: list[Finding]) -> None:
    for table, findings in boxes.items():
        console.styled(table, "bold")
        _show_lines(check_report.boxes_report(findings))
        console.out()
    console.styled("House rules", "bold")
    _show_lines(check_report.rules_report(rules))
    console.out()


def _show_lines(lines: Iterable[str]) -> None:
    for line in lines:
        console.styled(line, "red" if line.startswith(check_report.OPEN) else "")
