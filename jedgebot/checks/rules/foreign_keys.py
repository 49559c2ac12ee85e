"""Foreign keys name their target, so that no module imports another one's model."""

import ast
from collections.abc import Iterator

from jedgebot.checks.finding import Problem, Proof, Rule, Seen
from jedgebot.checks.project import Project
from jedgebot.checks.source import Source

_SINGLE = "sqlalchemy.ForeignKey"
_COMPOSITE = "sqlalchemy.ForeignKeyConstraint"


def look(project: Project) -> Seen:
    """The target of each `ForeignKey` and `ForeignKeyConstraint` is a string."""
    count = 0
    for source in project.backend_sources:
        for call in source.calls:
            for target in _targets(source, call):
                count += 1
                if not isinstance(target, ast.Constant):
                    yield Problem(
                        f"{source.at(target)} {ast.unparse(target)}",
                        'write the target as a string: ForeignKey("table.column")',
                    )
    yield Proof(f"{count} targets read")


def _targets(source: Source, call: ast.Call) -> Iterator[ast.expr]:
    dotted = source.dotted(call.func)
    if dotted == _SINGLE:
        yield from (value for value in _argument(call, 0, "column"))
    elif dotted == _COMPOSITE:
        for value in _argument(call, 1, "refcolumns"):
            yield from value.elts if isinstance(value, (ast.List, ast.Tuple)) else [value]


def _argument(call: ast.Call, position: int, name: str) -> Iterator[ast.expr]:
    if len(call.args) > position:
        yield call.args[position]
    yield from (keyword.value for keyword in call.keywords if keyword.arg == name)


CHECK = Rule("foreign_keys", "Foreign keys are strings", look)
