"""Imports go one way, as they do in the module that is the example for all."""

from jedgebot.checks.finding import Problem, Proof, Rule, Seen
from jedgebot.checks.project import Project
from jedgebot.checks.source import Source

_LAYERS = {
    "routes": 0,
    "dependencies": 1,
    "services": 2,
    "queries": 3,
    "schemas": 3,
    "models": 4,
}
_LOWEST_WITH_HTTP = _LAYERS["dependencies"]
_HTTP = ("fastapi", "starlette", "backend.core.routing", "backend.core.openapi")


def look(project: Project) -> Seen:
    """A file imports nothing from above it; below `dependencies` nothing speaks HTTP."""
    count = 0
    for source in project.backend_sources:
        part = _part(source.module)
        if part is None:
            continue
        count += 1
        spoken: set[int] = set()  # `import a.b` brings both a and a.b, by one line
        for imported in source.imports:
            where = f"{source.path}:{imported.line} imports {imported.dotted}"
            other = _part(imported.dotted)
            if _is_http(imported.dotted) and _LAYERS[part] > _LOWEST_WITH_HTTP:
                if imported.line in spoken:
                    continue
                spoken.add(imported.line)
                yield Problem(
                    f"{where}: {part}.py does not speak HTTP",
                    "move that to routes.py or dependencies.py; raise an error of "
                    "backend.core.errors, which becomes the status",
                )
            elif other is not None and _is_wrong(source, part, imported.dotted, other):
                yield Problem(
                    f"{where}, which {part}.py does not use",
                    "imports go from routes through dependencies and services to queries or "
                    "schemas, and on to models; only services use queries",
                )
    yield Proof(f"{count} files read")


def _is_wrong(source: Source, part: str, dotted: str, other: str) -> bool:
    if other == "queries":
        return part != "services" and not dotted.startswith(f"{source.module}.")
    if _LAYERS[other] == _LAYERS[part]:
        return other != part
    return _LAYERS[other] < _LAYERS[part]


def _part(dotted: str) -> str | None:
    """Which part of a module a dotted name is in; None if it is in no part of one."""
    match dotted.split("."):
        case ["backend", str(owner), str(part), *_] if owner != "core" and part in _LAYERS:
            return part
    return None


def _is_http(dotted: str) -> bool:
    return any(dotted == package or dotted.startswith(f"{package}.") for package in _HTTP)


CHECK = Rule("layers", "Imports go one way, and HTTP ends at dependencies", look)
