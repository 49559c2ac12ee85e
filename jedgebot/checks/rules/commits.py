"""Only the core ends transactions."""

import ast

from jedgebot.checks.finding import Problem, Proof, Rule, Seen
from jedgebot.checks.project import Project

_ENDS = frozenset({"commit", "rollback"})


def look(project: Project) -> Seen:
    """Nothing outside `backend/core` has a `.commit` or a `.rollback`, called or not."""
    for source in project.backend_sources:
        for node in source.nodes:
            if isinstance(node, ast.Attribute) and node.attr in _ENDS:
                yield Problem(
                    f"{source.at(node)} .{node.attr}",
                    "take it out: the request's transaction is ended by backend.core",
                )
    yield Proof(f"{len(project.backend_sources)} files read")


CHECK = Rule("commits", "Only backend.core commits and rolls back", look)
