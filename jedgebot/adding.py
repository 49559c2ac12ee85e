"""Adding a table: read the project, plan, carry out or only show, report."""

from backend.core.settings import load_settings
from jedgebot import console
from jedgebot.commands import check_report
from jedgebot.migrations.revision import head_of
from jedgebot.migrations.target import Target
from jedgebot.pipeline import Added, carry_out
from jedgebot.plan import CreateFile, Plan
from jedgebot.planning import plan_for
from jedgebot.spec.project import Project
from jedgebot.spec.table import TableSpec
from jedgebot.staging.process import Worker
from jedgebot.workspace import Workspace


def add_table(spec: TableSpec, workspace: Workspace, worker: Worker | None) -> None:
    """Add a table, or without a worker show what would be written.

    Raises:
        Misuse: the project cannot have this table.
        Failure: something was refused or failed; the project and its database are as before.
    """
    project = Project(workspace.root)
    with console.step("Read the project") as step:
        spec = project.resolved(spec)
        step.detail = f"{len(project.metadata.tables)} tables"
    with console.step("Plan the table") as step:
        plan = plan_for(spec, project)
        step.detail = f"{len(plan.writes)} files" if plan is not None else "it is there"
    if plan is None:
        console.out(f"\nThe table {spec.name} is there already; nothing was changed.")
    elif worker is None:
        _show(plan)
    else:
        target = Target(workspace.root, load_settings().database_url)
        target.require_at(head_of(workspace.root))
        _report(spec, carry_out(spec, plan, workspace, worker, target))


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
