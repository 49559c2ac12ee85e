"""Every table has its module."""

from backend.core.models import Base
from jedgebot.checks.finding import Problem, Proof, Rule, Seen
from jedgebot.checks.loading import Unusable
from jedgebot.checks.project import Project


def look(project: Project) -> Seen:
    """A mapped class is in the module of its table's name; the core's own tables are exempt."""
    scope = project.scope
    if isinstance(scope, Unusable):
        yield Proof("no table can be read; see the box Metadata")
        return
    own = 0
    for mapper in Base.registry.mappers:
        model: type[Base] = mapper.class_
        table: str = model.__table__.description
        if model.__module__.startswith("backend.core."):
            own += 1
        elif model.__module__ != f"backend.{table}.models":
            source = project.source(f"{model.__module__.replace('.', '/')}.py")
            node = source.class_named(model.__name__) if source is not None else None
            where = source.at(node) if source and node else model.__module__
            yield Problem(
                f"{where} {model.__name__} is mapped to the table {table}",
                f"move it to backend/{table}/models.py",
            )
    yield Proof(f"{len(list(Base.registry.mappers)) - own} tables, and {own} of the core")


CHECK = Rule("tables", "Every table has a module of its name", look)
