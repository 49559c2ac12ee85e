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
    borders,
    commits,
    foreign_keys,
    instants,
    mapped,
    other_tables,
    owners,
    routers,
    sessions,
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
    borders.CHECK,
    commits.CHECK,
    sessions.CHECK,
    routers.CHECK,
    owners.CHECK,
    mapped.CHECK,
    foreign_keys.CHECK,
    instants.CHECK,
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
