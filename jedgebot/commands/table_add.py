"""`jedgebot table add`: one command, one live table."""

from contextlib import ExitStack
from typing import Annotated

import typer

from backend.core.settings import PROJECT_ROOT, load_settings
from jedgebot import console
from jedgebot.adding import Added, add
from jedgebot.commands import check_report
from jedgebot.migrations.revision import head_of
from jedgebot.migrations.target import Target
from jedgebot.plan import CreateFile, Plan
from jedgebot.planning import plan_for
from jedgebot.spec.grammar import parse_table
from jedgebot.spec.project import Project
from jedgebot.spec.table import TableSpec
from jedgebot.staging.process import Worker
from jedgebot.workspace import Workspace


def table_add(
    name: Annotated[str, typer.Argument(help="A plural in snake_case, such as watchlists.")],
    fields: Annotated[
        list[str] | None, typer.Argument(help="name:type[:argument][:flag]…", metavar="FIELD…")
    ] = None,
    *,
    singular: Annotated[
        str, typer.Option(help="What one row is called, if not the obvious word.")
    ] = "",
    why: Annotated[str, typer.Option(help="What the table is for: its docs page says so.")] = "",
    later: Annotated[
        list[str] | None,
        typer.Option(help="A field that may come, and why. May be repeated."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be written; write nothing.")
    ] = False,
) -> None:
    """Add a table: model, schemas, routes, migration, tests and docs page, proved and live.

    Example: jedgebot table add watchlists name:str:80:unique note:text:null

    A field is its name, its type and its flags, joined by colons.

    Types: str:N text int bigint bool decimal:P,S date datetime uuid json enum:a,b ref:table.

    Flags: null unique index default=V min=V max=V.

    Each row belongs to one user. Everything is tried and tested in a copy of the project first;
    on any failure, and on Ctrl-C, files and database are as before.
    """
    spec = parse_table(name, fields or [], singular=singular, why=why, later=later or [])
    workspace = Workspace(PROJECT_ROOT)
    with workspace.locked(), ExitStack() as stack:
        # It imports its libraries while this process reads the project.
        worker = None if dry_run else stack.enter_context(Worker(PROJECT_ROOT))
        with console.step("Read the project") as step:
            project = Project(PROJECT_ROOT)
            spec = project.resolved(spec)
            step.detail = f"{len(project.metadata.tables)} tables"
        with console.step("Plan the table") as step:
            plan = plan_for(spec, project)
            step.detail = f"{len(plan.writes)} files" if plan is not None else "it is there"
        if plan is None:
            console.out(f"\nThe table {spec.name} is there already; nothing was changed.")
            return
        if worker is None:
            _show(plan)
            return
        target = Target(PROJECT_ROOT, load_settings().database_url)
        target.require_at(head_of(PROJECT_ROOT))
        _report(spec, add(spec, plan, workspace, worker, target))


def _show(plan: Plan) -> None:
    console.out("\nWould write:")
    for write in plan.writes:
        console.out(f"  {'create' if isinstance(write, CreateFile) else 'edit  '} {write.path}")
    console.out(f'  create a revision "{plan.revision.message}" in alembic/versions\n')
    console.diff("".join(plan.diff()))
    console.out("\nNothing was written.")


def _report(spec: TableSpec, added: Added) -> None:
    console.out(f"\n{spec.name}")
    for line in check_report.boxes_report(added.boxes):
        console.out(line)
    console.out(f"\nThe table {spec.name} is added. Start or restart the server:")
    console.out("  jedgebot serve")
    console.out(f"  POST http://127.0.0.1:8000/{spec.name}")
    console.out("Next: look at the changes and commit them; decisions and optional future fields")
    console.out(f"are in docs/tables/{spec.name}.md.")
