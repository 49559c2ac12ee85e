"""What a user may do is coded in plain functions, which run in one transaction."""

import ast

from jedgebot.checks.finding import Problem, Proof, Rule, Seen
from jedgebot.checks.project import Project

_FILES = frozenset({"services", "queries"})


def look(project: Project) -> Seen:
    """No `async def` stands in `services.py` or `queries.py`: nobody would wait for it."""
    count = 0
    for source in project.backend_sources:
        if source.module.rpartition(".")[2] not in _FILES:
            continue
        count += 1
        for node in source.nodes:
            if isinstance(node, ast.AsyncFunctionDef):
                yield Problem(
                    f"{source.at(node)} {node.name} is async",
                    "write it as def: core runs it in a thread, in one transaction; what has "
                    "to be awaited is awaited in routes.py, between transactions",
                )
    yield Proof(f"{count} files read")


CHECK = Rule("plain_functions", "Services and queries are plain functions", look)
