"""What the field grammar says of a module, where it has words for all of it."""

from jedgebot.checks.loading import Unusable, attempted
from jedgebot.checks.project import Module, Project
from jedgebot.spec.project import Project as Tables
from jedgebot.spec.table import TableSpec

Described = tuple[TableSpec, dict[str, TableSpec]]
"""A table, and the tables that it refers to, by name."""


def described(project: Project, module: Module) -> Described | None:
    """The module's table, read from its code; None if the grammar cannot say all of it."""
    tables = project.once(_tables)

    def read() -> Described | None:
        spec = tables.spec_of(module.name)
        return None if spec is None else (spec, tables.parents_of(spec))

    found = attempted(project.root, read)
    return None if isinstance(found, Unusable) else found


def _tables(project: Project) -> Tables:
    return Tables(project.root)
