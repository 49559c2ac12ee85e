"""Sessions come by the aliases of the core."""

import ast

from jedgebot.checks.finding import Problem, Proof, Rule, Seen
from jedgebot.checks.project import Project

_ALIAS_OF = {
    "backend.core.database.get_db": "DbSession",
    "backend.core.database.get_transactions": "CurrentTransactions",
}


def look(project: Project) -> Seen:
    """Nothing outside the core depends on `get_db` or `get_transactions` by its own name.

    A plain `Depends(get_db)` answers before it commits, and opens a second session.
    """
    for source in project.backend_sources:
        for node in source.nodes:
            dotted = source.dotted(node) if isinstance(node, (ast.Name, ast.Attribute)) else None
            if dotted in _ALIAS_OF and isinstance(node, (ast.Name, ast.Attribute)):
                yield Problem(
                    f"{source.at(node)} uses {dotted.rpartition('.')[2]}",
                    f"annotate the parameter with backend.core.database.{_ALIAS_OF[dotted]}",
                )
    yield Proof(f"{len(project.backend_sources)} files read")


CHECK = Rule("sessions", "Sessions come by DbSession and CurrentTransactions", look)
