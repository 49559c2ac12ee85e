"""Where the configured database is not what it should be."""

from collections.abc import Iterator

from jedgebot.checks.loading import Unusable
from jedgebot.checks.migrated import Applied
from jedgebot.checks.project import Project
from jedgebot.migrations.catalogue import Facts, differences


def drift_of(project: Project, applied: Applied, subject: str) -> Iterator[str]:
    """How a table, or what belongs to none, is not as it should be: a line for each part.

    On SQLite that is what the migrations make, on PostgreSQL what the models make there, unless
    the server does not let us make it.
    """
    wanted_by, wanted = "the models", applied.modelled
    if wanted is None:
        wanted_by, wanted = "the migrations", _usable(project)
    if isinstance(wanted, str):
        return
    nothing: Facts = {}
    parts = wanted.get(subject, nothing), applied.tables.get(subject, nothing)
    yield from differences(*parts, wanted_by=wanted_by, found_in="the database")


def _usable(project: Project) -> dict[str, Facts]:
    return {} if isinstance(project.migrated, Unusable) else dict(project.migrated)
