"""The migrations hold no table for nobody, and leave out none of the core's."""

from jedgebot.checks.facts import differences
from jedgebot.checks.finding import Problem, Proof, Rule, Seen
from jedgebot.checks.loading import Unusable
from jedgebot.checks.project import Project

_REVISION = 'run: alembic revision --autogenerate -m "…"'


def look(project: Project) -> Seen:
    """Tables without a module: what the models want of them is what the migrations make."""
    migrated, modelled = project.migrated, project.modelled
    if isinstance(migrated, Unusable) or isinstance(modelled, Unusable):
        yield Proof("not compared; see the box Migration")
        return
    with_module = {module.name for module in project.modules}
    others = (migrated.keys() | modelled.keys()) - with_module - {"alembic_version"}
    for table in sorted(others):
        if table not in modelled:
            yield Problem(f"alembic: the revisions make {table}, which no model has", _REVISION)
            continue
        found, wanted = migrated.get(table, {}), modelled[table]
        for line in differences(wanted, found, wanted_by="the model", found_in="the migrations"):
            yield Problem(f"alembic: pending for {table}: {line}", _REVISION)
    yield Proof(f"{len(others)} tables compared")


CHECK = Rule("other_tables", "Tables without a module are migrated too", look)
