"""Box 2: Alembic knows the model."""

from sqlalchemy import MetaData

from backend.core.named_databases import metadata_of
from jedgebot.checks.finding import Box, Problem, Proof, Seen
from jedgebot.checks.loading import Unusable
from jedgebot.checks.project import Module, Project

SCOPE = "backend/models/__init__.py"


def look(project: Project, module: Module) -> Seen:
    """`backend.models` imports the model, and its metadata has the model's table."""
    scope = project.scope
    if isinstance(scope, Unusable):
        yield Problem(f"backend.models cannot be imported: {scope}", "mend that line")
        return
    model = module.model
    if model is None or module.table is None:
        yield Problem("there is no model to import", "see the box Model")
        return
    line = f"from {module.package}.models import {model.__name__}"
    if not any(value is model for value in vars(scope).values()):
        yield Problem(f"{SCOPE} does not import {model.__name__}", f"add to it: {line}")
        return
    metadata = getattr(scope, "metadata", None)
    if not isinstance(metadata, MetaData):
        yield Problem(f"{SCOPE} has no metadata", f"add to {SCOPE}: metadata = Base.metadata")
        return
    beside = project.around(module)
    metadata = metadata_of(beside.database) or metadata
    if metadata.tables.get(module.name) is not module.table:
        yield Problem(
            f"the metadata of {SCOPE} does not have the table {module.name}",
            f"derive {model.__name__} from backend.core.models.Base, and only from it",
        )
        return
    yield Proof(f"{_import_of(project, f'{module.package}.models.{model.__name__}')}")


def _import_of(project: Project, dotted: str) -> str:
    source = project.source(SCOPE)
    imports = source.imports if source is not None else ()
    lines = [imported.line for imported in imports if imported.dotted == dotted]
    return f"{SCOPE}:{lines[0]}" if lines else SCOPE


CHECK = Box("metadata", "Metadata", look)
