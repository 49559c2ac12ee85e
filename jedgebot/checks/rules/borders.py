"""A module keeps its models and queries to itself; import-linter cannot say "the same module"."""

from jedgebot.checks.finding import Problem, Proof, Rule, Seen
from jedgebot.checks.project import Project
from jedgebot.checks.source import Source


def look(project: Project) -> Seen:
    """`models` and `queries` are imported by their module, models also by `backend.models`."""
    for source in project.backend_sources:
        for imported in source.imports:
            wrong = _trespass(source, imported.dotted)
            if wrong is not None:
                yield Problem(
                    f"{source.path}:{imported.line} imports {wrong}",
                    "use the services of that module instead",
                )
    yield Proof(f"{len(project.backend_sources)} files read")


def _trespass(source: Source, dotted: str) -> str | None:
    """What an import reaches for although it is another module's own; None if nothing."""
    match dotted.split("."):
        case ["backend", "models", *_]:
            return None if source.module == "backend.models" else "backend.models"
        case ["backend", str(owner), ("models" | "queries") as part, *_] if owner != "core":
            own = source.module == f"backend.{owner}" or source.module.startswith(
                f"backend.{owner}."
            )
            gathered = part == "models" and source.module == "backend.models"
            return None if own or gathered else f"backend.{owner}.{part}"
    return None


CHECK = Rule("borders", "Models and queries are used in their own module only", look)
