"""Routers are the house's own."""

import ast

from jedgebot.checks.finding import Problem, Proof, Rule, Seen
from jedgebot.checks.project import Project

_PLAIN = frozenset({"fastapi.APIRouter", "fastapi.routing.APIRouter"})


def look(project: Project) -> Seen:
    """Nothing outside the core makes a plain `APIRouter`: it would run a request in four hops."""
    for source in project.backend_sources:
        for node in source.nodes:
            if isinstance(node, (ast.Name, ast.Attribute)) and source.dotted(node) in _PLAIN:
                yield Problem(
                    f"{source.at(node)} uses fastapi.APIRouter",
                    "use backend.core.routing.Router, which takes the same arguments",
                )
    yield Proof(f"{len(project.backend_sources)} files read")


CHECK = Rule("routers", "Routers are of backend.core.routing.Router", look)
