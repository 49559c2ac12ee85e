"""Checks of the project: the nine boxes of each module, and the house rules."""

from jedgebot.checks.boxes import (
    applied,
    documented,
    metadata,
    migration,
    model,
    mounted,
    routes,
    schemas,
    tests,
)
from jedgebot.checks.finding import Box, Finding, Rule
from jedgebot.checks.project import Module, Project
from jedgebot.checks.rules import (
    answers,
    borders,
    callers,
    commits,
    exact_numbers,
    foreign_keys,
    indexed_keys,
    instants,
    layers,
    lengths,
    mapped,
    other_tables,
    owned_keys,
    owners,
    paging,
    paths,
    plain_functions,
    routers,
    sessions,
    statements,
    tables,
)

__all__ = ["BOXES", "RULES", "Box", "Finding", "Module", "Project", "Rule", "nine_boxes"]

BOXES: tuple[Box, ...] = (
    model.CHECK,
    metadata.CHECK,
    migration.CHECK,
    applied.CHECK,
    schemas.CHECK,
    routes.CHECK,
    mounted.CHECK,
    tests.CHECK,
    documented.CHECK,
)
RULES: tuple[Rule, ...] = (
    tables.CHECK,
    other_tables.CHECK,
    layers.CHECK,
    borders.CHECK,
    commits.CHECK,
    sessions.CHECK,
    plain_functions.CHECK,
    statements.CHECK,
    owners.CHECK,
    callers.CHECK,
    routers.CHECK,
    paths.CHECK,
    answers.CHECK,
    paging.CHECK,
    mapped.CHECK,
    lengths.CHECK,
    exact_numbers.CHECK,
    instants.CHECK,
    owned_keys.CHECK,
    foreign_keys.CHECK,
    indexed_keys.CHECK,
)


def nine_boxes(project: Project, table: str) -> list[Finding]:
    """The nine boxes of one module, in the guide's order.

    Raises:
        KeyError: there is no such module.
    """
    module = project.module(table)
    if module is None:
        raise KeyError(table)
    return [box.finding(project, module) for box in BOXES]
