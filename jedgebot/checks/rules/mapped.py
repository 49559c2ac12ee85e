"""Columns say their type, and so whether they may be NULL."""

import ast

from jedgebot.checks.finding import Problem, Proof, Rule, Seen
from jedgebot.checks.project import Project
from jedgebot.checks.source import Source

_COLUMNS = frozenset({"sqlalchemy.orm.mapped_column", "sqlalchemy.Column"})
_MAPPED = "sqlalchemy.orm.Mapped"


def look(project: Project) -> Seen:
    """Each `mapped_column(...)` of a class stands behind `Mapped[...]`."""
    count = 0
    for source in project.backend_sources:
        classes = [node for node in source.nodes if isinstance(node, ast.ClassDef)]
        for statement in (statement for node in classes for statement in node.body):
            if not _makes_column(source, statement):
                continue
            count += 1
            if not isinstance(statement, ast.AnnAssign) or not _is_mapped(source, statement):
                yield Problem(
                    f"{source.at(statement)} {ast.unparse(statement).partition('=')[0].strip()}",
                    "annotate it with Mapped[…]: without, every column may be NULL",
                )
    yield Proof(f"{count} columns read")


def _makes_column(source: Source, statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign)) else None
    return isinstance(value, ast.Call) and source.dotted(value.func) in _COLUMNS


def _is_mapped(source: Source, statement: ast.AnnAssign) -> bool:
    annotation = statement.annotation
    return isinstance(annotation, ast.Subscript) and source.dotted(annotation.value) == _MAPPED


CHECK = Rule("mapped", "Every mapped_column is annotated with Mapped", look)
