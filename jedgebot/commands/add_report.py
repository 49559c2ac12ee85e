"""What `jedgebot table add` says at its end."""

from jedgebot import console
from jedgebot.commands import check_report
from jedgebot.pipeline import Added
from jedgebot.plan import CreateFile, Plan
from jedgebot.spec.table import TableSpec


def show(spec: TableSpec, result: Plan | Added | None) -> None:
    """Print what was added, or what would be, or that nothing was."""
    match result:
        case None:
            console.out(f"\nThe table {spec.name} is there already; nothing was changed.")
        case Plan():
            _show_plan(result)
        case Added():
            _show_added(spec, result)


def _show_plan(plan: Plan) -> None:
    console.out("\nWould write:")
    for write in plan.writes:
        console.out(f"  {'create' if isinstance(write, CreateFile) else 'edit  '} {write.path}")
    console.out(f'  create a revision "{plan.revision.message}" in alembic/versions\n')
    console.diff("".join(plan.diff()))
    console.out("\nNothing was written.")


def _show_added(spec: TableSpec, added: Added) -> None:
    console.out(f"\n{spec.name}")
    for line in check_report.boxes_report(added.boxes):
        console.out(line)
    console.out(f"\nThe table {spec.name} is added. Start or restart the server:")
    console.out("  jedgebot serve")
    console.out(f"  POST http://127.0.0.1:8000/{spec.name}")
    console.out("Next: look at the changes and commit them; decisions and optional future fields")
    console.out(f"are in docs/tables/{spec.name}.md.")
