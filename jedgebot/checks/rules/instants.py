"""Every time is an instant: it knows its zone."""

import ast

from sqlalchemy import DateTime
from sqlalchemy.types import TypeDecorator, TypeEngine

from jedgebot.checks.finding import Problem, Proof, Rule, Seen
from jedgebot.checks.places import place_of_column
from jedgebot.checks.project import Project
from jedgebot.checks.source import Source

# Ruff sees the calls; a default is the function itself.
_NAIVE = frozenset(f"datetime.datetime.{name}" for name in ("utcnow", "utcfromtimestamp", "today"))
_ZONED = frozenset({"datetime.datetime.now", "datetime.datetime.fromtimestamp"})


def look(project: Project) -> Seen:
    """No naive clock is read or passed on, and no column keeps a time without its zone."""
    for source in project.backend_sources:
        with_zone = {id(call.func) for call in source.calls if _gives_zone(source, call)}
        for node in source.nodes:
            dotted = source.dotted(node) if isinstance(node, ast.Attribute) else None
            naive = dotted in _NAIVE or (dotted in _ZONED and id(node) not in with_zone)
            if naive and isinstance(node, ast.Attribute):
                yield Problem(
                    f"{source.at(node)} {ast.unparse(node)} is naive",
                    "use backend.core.models.utc_now",
                )
    count = 0
    for module in project.modules:
        for column in module.table.columns if module.table is not None else ():
            zoned = _keeps_zone(column.type)
            count += zoned is not None
            if zoned is False:
                yield Problem(
                    f"{place_of_column(module, column.key)} {column.key} keeps no zone",
                    "annotate it with Mapped[datetime] and leave the type to the base",
                )
    yield Proof(f"{len(project.backend_sources)} files and {count} columns read")


def _keeps_zone(kind: TypeEngine[object]) -> bool | None:
    """Whether a column of this type keeps the zone of a time; None if it holds no time."""
    inner = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    return bool(inner.timezone) if isinstance(inner, DateTime) else None


def _gives_zone(source: Source, call: ast.Call) -> bool:
    zones = [keyword.value for keyword in call.keywords if keyword.arg == "tz"]
    position = 1 if source.dotted(call.func) == "datetime.datetime.fromtimestamp" else 0
    zones += call.args[position : position + 1]
    return any(not (isinstance(zone, ast.Constant) and zone.value is None) for zone in zones)


CHECK = Rule("instants", "No time without a zone", look)
