"""A path names what it has the id of, and what is no id does not fit."""

from starlette.convertors import StringConvertor

from jedgebot.checks.boxes.routes import place_of, routes_of
from jedgebot.checks.finding import Problem, Proof, Rule, Seen
from jedgebot.checks.project import Project

_WITHOUT_NOUN = frozenset({"id", "uuid", "pk", "key"})


def look(project: Project) -> Seen:
    """Each parameter of a path has a noun and a type, as `{portfolio_id:uuid}` does."""
    count = 0
    for module in project.modules:
        for route in routes_of(module):
            count += 1
            for name, convertor in route.param_convertors.items():
                where = f"{place_of(module, route)} {route.path}"
                if name in _WITHOUT_NOUN:
                    yield Problem(
                        f"{where} has the parameter {name}, which does not say of what",
                        "name it after one row: {portfolio_id:uuid}",
                    )
                if isinstance(convertor, StringConvertor):
                    yield Problem(
                        f"{where} takes anything for {name}, also the paths of other routes",
                        f"give it its type: {{{name}:uuid}}",
                    )
    yield Proof(f"{count} routes read")


CHECK = Rule("paths", "Path parameters have a noun and a type", look)
