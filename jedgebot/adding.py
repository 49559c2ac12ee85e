"""Adding tables: read the project, plan, and carry out the plan."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from jedgebot import console
from jedgebot.errors import JedgebotError, Misuse, Terminated
from jedgebot.migrations.target import Target
from jedgebot.pipeline import LOOK_AT_MODELS, Added, Preview, Site, carry_out, preview
from jedgebot.plan import Plan
from jedgebot.spec.table import TableSpec
from jedgebot.staging.process import Workers
from jedgebot.workspace import Workspace

_KEPT = Path("var", "migrated")
_LOOK_AT_REVISIONS = "Look whether the migrations can be run: `jedgebot table check`."


def add_tables(
    specs: Sequence[TableSpec],
    workspace: Workspace,
    stage: Path,
    workers: Workers,
    *,
    dry_run: bool = False,
    apply: bool = True,
    postgresql: bool = True,
) -> Preview | Added | None:
    """Add tables, all or none.

    Args:
        specs: in any order; they may refer to each other.
        workspace: the project.
        stage: a copy of its tree, which the workers have entered.
        workers: work there; that of the application is needed unless it is a dry run.
        dry_run: whether to show only what would be written.
        apply: whether to migrate the database, too.
        postgresql: whether to prove it on PostgreSQL, too.

    Returns:
        what was added, or what would be; None if all are there already.

    Raises:
        Misuse: the project cannot have these tables.
        Failure: something was refused or failed; the project and its database are as before.
    """
    with console.step("Read the project") as step:
        _require_one_database(specs)
        models = workers.models
        kept = workspace.root / _KEPT
        models.begin("migrations", "prepare", _LOOK_AT_REVISIONS, kept=kept)
        specs, tables = models.call("resolved", LOOK_AT_MODELS, specs=specs)
        step.detail = f"{tables} tables"
    with console.step("Plan" if len(specs) > 1 else "Plan the table") as step:
        plan: Plan | None = models.call("plan", LOOK_AT_MODELS, specs=specs)
        step.detail = f"{len(plan.writes)} files" if plan is not None else "it is there"
    database = specs[0].database
    site = Site(workspace, stage, workers, Target.named(workspace.root, database), database)
    if apply and not dry_run:
        site.target.require_at(models.call("head", _LOOK_AT_REVISIONS, database=database))
    if plan is None:
        return None
    with console.step("Look for drift") as step:
        migrated = models.next_finished()
        if (failure := migrated.failure) is not None:
            raise failure
        step.detail = _require_no_drift(site, is_applied=apply and not dry_run)
    if dry_run:
        return preview(plan, site)
    added = carry_out(plan, site, apply=apply, postgresql=postgresql)
    if migrated.result is not None:
        revisions = [one.path for one in added.revisions]
        # The tables are there, and that is to be said, whatever happens to what is kept.
        with suppress(JedgebotError, KeyboardInterrupt, Terminated):
            models.call(
                "keep_migrated",
                _LOOK_AT_REVISIONS,
                kept=kept,
                before=migrated.result,
                revisions=revisions,
            )
    return added


def _require_no_drift(site: Site, *, is_applied: bool) -> str:
    """Let a project pass whose models, migrations and database, if it is used, are alike.

    Returns:
        what is alike.
    """
    models = site.workers.models
    models.call("require_no_pending", LOOK_AT_MODELS, database=site.database)
    if not is_applied:
        return "models and migrations are alike"
    not_compared = models.call(
        "require_as_migrated",
        LOOK_AT_MODELS,
        url=site.target.url,
        shown=site.target.shown,
        database=site.database,
    )
    if not_compared:
        return f"the database was not compared: {not_compared}"
    return "models, migrations and database are alike"


def _require_one_database(specs: Sequence[TableSpec]) -> None:
    databases = sorted({spec.database or "the main one" for spec in specs})
    if len(databases) > 1:
        raise Misuse(
            f"the tables live in several databases: {', '.join(databases)}.",
            "No transaction spans them: add those of each database with a file of its own.",
        )
