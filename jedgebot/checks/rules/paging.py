"""Lists are read page by page, each from where the last one ended."""

import ast

from jedgebot.checks.boxes.routes import place_of, routes_of
from jedgebot.checks.finding import Problem, Proof, Rule, Seen
from jedgebot.checks.project import Project

_NUMBERED = frozenset({"offset", "skip", "page", "page_number"})
_HINT = "declare a Browse, or use backend.core.paging: its cursor misses and repeats no row"


def look(project: Project) -> Seen:
    """No statement has an OFFSET, and no route takes the number of a page."""
    for source in project.backend_sources:
        for call in source.calls:
            if isinstance(call.func, ast.Attribute) and call.func.attr == "offset":
                yield Problem(f"{source.at(call)} counts rows that it does not read", _HINT)
    count = 0
    for module in project.modules:
        for route in routes_of(module):
            count += 1
            for parameter in route.dependant.query_params:
                if parameter.alias in _NUMBERED:
                    yield Problem(
                        f"{place_of(module, route)} {route.name} takes {parameter.alias}", _HINT
                    )
    yield Proof(f"{len(project.backend_sources)} files and {count} routes read")


CHECK = Rule("paging", "Lists are paged by a cursor", look)
