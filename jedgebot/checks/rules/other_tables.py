"""What belongs to no module: the core's tables, views, types; migrated, and applied."""

from jedgebot.checks.drift import drift_of
from jedgebot.checks.finding import Problem, Proof, Rule, Seen
from jedgebot.checks.loading import Unusable
from jedgebot.checks.migrated import Applied
from jedgebot.checks.project import Project
from jedgebot.migrations.catalogue import differences

_REVISION = 'run: alembic revision --autogenerate -m "…"'
_RESTORE = "unless a revision is pending, it was changed past the migrations: restore it"


def look(project: Project) -> Seen:
    """Tables without a module: what the models want of them is what the migrations make."""
    for around in project.everywhere:
        yield from _look_at_one(around)


def _look_at_one(project: Project) -> Seen:
    migrated, modelled = project.migrated, project.modelled
    if isinstance(migrated, Unusable) or isinstance(modelled, Unusable):
        yield Proof("not compared; see the box Migration")
        return
    with_module = {module.name for module in project.modules}
    others = (migrated.keys() | modelled.keys()) - with_module
    for table in sorted(others):
        if table not in modelled:
            yield Problem(f"alembic: the revisions make {table}, which no model has", _REVISION)
            continue
        found, wanted = migrated.get(table, {}), modelled[table]
        for line in differences(wanted, found, wanted_by="the model", found_in="the migrations"):
            yield Problem(f"alembic: pending for {table}: {line}", _REVISION)
    where = f" in the database {project.database}" if project.database else ""
    yield Proof(f"{len(others)} tables compared{where}")
    applied = project.applied
    if isinstance(applied, Applied) and _is_at_head(project, applied):
        yield from _drifted(project, applied, with_module)


def _is_at_head(project: Project, applied: Applied) -> bool:
    heads = project.heads
    return not isinstance(heads, Unusable) and applied.heads == frozenset(heads)


def _drifted(project: Project, applied: Applied, with_module: set[str]) -> Seen:
    """What of no module's table is in the configured database and should not be, or differs."""
    wanted = applied.modelled if applied.modelled is not None else project.migrated
    names = set() if isinstance(wanted, str | Unusable) else set(wanted)
    for subject in sorted((names | applied.tables.keys()) - with_module):
        for line in drift_of(project, applied, subject):
            yield Problem(f"database: {subject}: {line}", _RESTORE)


CHECK = Rule("other_tables", "Tables without a module are migrated too", look)
