"""Adding a table: read the project, plan, and carry out the plan."""

from backend.core.settings import load_settings
from jedgebot import console
from jedgebot.migrations.revision import head_of
from jedgebot.migrations.target import Target
from jedgebot.pipeline import Added, carry_out
from jedgebot.plan import Plan
from jedgebot.planning import plan_for
from jedgebot.spec.project import Project
from jedgebot.spec.table import TableSpec
from jedgebot.staging.process import Worker
from jedgebot.workspace import Workspace


def add_table(spec: TableSpec, workspace: Workspace, worker: Worker | None) -> Plan | Added | None:
    """Add a table.

    Returns:
        what was added; without a worker only the plan; None if the table is there already.

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
    if plan is None or worker is None:
        return plan
    target = Target(workspace.root, load_settings().database_url)
    target.require_at(head_of(workspace.root))
    return carry_out(spec, plan, workspace, worker, target)
