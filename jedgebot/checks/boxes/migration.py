"""Box 3: the migrations make the table."""

from jedgebot.checks.finding import Box, Problem, Proof, Seen
from jedgebot.checks.loading import Unusable
from jedgebot.checks.project import Module, Project
from jedgebot.migrations.catalogue import differences

_REVISION = 'run: alembic revision --autogenerate -m "…"'


def look(project: Project, module: Module) -> Seen:
    """All revisions, applied to an empty database, make exactly the model's table."""
    project = project.around(module)
    heads = project.heads
    if isinstance(heads, Unusable):
        yield Problem(
            f"the revisions do not form a history: {heads}",
            "bring the missing file back, or correct its down_revision",
        )
        return
    if len(heads) > 1:
        yield Problem(
            f"there are {len(heads)} heads: {', '.join(sorted(heads))}",
            'run: alembic merge heads -m "…"',
        )
        return
    migrated = project.migrated
    if isinstance(migrated, Unusable):
        yield Problem(
            f"the revisions cannot be applied to an empty database: {migrated}", "mend that line"
        )
        return
    yield from _compared(project, module)
    if not heads:
        return
    where = project.creation_of(module.name) or "a revision"
    yield Proof(f"{where} creates it; the one head is {heads[0]}")


def _compared(project: Project, module: Module) -> Seen:
    migrated, modelled = project.migrated, project.modelled
    if isinstance(modelled, Unusable):
        yield Problem(
            f"the models make no database to compare with: {modelled}",
            "see the boxes Model and Metadata",
        )
        return
    if isinstance(migrated, Unusable) or module.table is None:
        yield Problem("there is no model to compare with", "see the box Model")
        return
    if module.name not in migrated:
        yield Problem(f"no revision makes the table {module.name}", _REVISION)
        return
    found, wanted = migrated[module.name], modelled[module.name]
    for line in differences(wanted, found, wanted_by="the model", found_in="the migrations"):
        yield Problem(f"pending: {line}", _REVISION)


CHECK = Box("migration", "Migration", look)
