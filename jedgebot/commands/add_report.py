"""What `jedgebot table add` says at its end."""

from collections.abc import Sequence
from dataclasses import asdict

from jedgebot import console
from jedgebot.commands import check_report
from jedgebot.pipeline import Added, Preview
from jedgebot.plan import CreateFile, unified_diff
from jedgebot.spec.table import TableSpec


def show(specs: Sequence[TableSpec], result: Preview | Added | None) -> None:
    """Print what was added, or what would be, or that nothing was."""
    match result:
        case None:
            names = ", ".join(spec.name for spec in specs)
            are = "tables are" if len(specs) > 1 else "table is"
            console.out(f"\nNothing was changed: the {are} there already ({names}).")
            console.add_to_document({"tables": [], "files": []})
        case Preview():
            _show_preview(result)
        case Added():
            _show_added(result)


def _show_preview(preview: Preview) -> None:
    created = [str(one.path) for one in preview.plan.writes if isinstance(one, CreateFile)]
    edited = [str(one.path) for one in preview.plan.writes if not isinstance(one, CreateFile)]
    console.out("\nWould write:")
    for path in (*created, *preview.revisions):
        console.out(f"  create {path}")
    for path in edited:
        console.out(f"  edit   {path}")
    console.out()
    lines = [*preview.plan.diff()]
    for path, text in preview.revisions.items():
        lines += unified_diff("", text, "/dev/null", path)
    console.diff("".join(lines))
    for database, statements in preview.sql.items():
        console.out(f"\n-- on {database}\n{statements}")
    console.out("\nNothing was written.")
    console.add_to_document(
        {
            "created": [*created, *preview.revisions],
            "edited": edited,
            "diff": "".join(lines),
            "sql": dict(preview.sql),
        }
    )


def _show_added(added: Added) -> None:
    for table in added.tables:
        console.out(f"\n{table}")
        for line in check_report.boxes_report([box for box in added.boxes if box.table == table]):
            console.out(line)
        console.out(f"  All that was seen: {added.evidence[table]}")
    console.out()
    if not added.proved_on_postgresql:
        console.out("Not proved on PostgreSQL: --no-postgresql.")
    what = "tables" if len(added.tables) > 1 else "table"
    if added.database:
        console.out(f"Added the {what}. Start or restart the server:")
    else:
        console.out(f"Wrote the {what}. Migrate the database, then start the server:")
        console.out("  alembic upgrade heads")
    console.out("  jedgebot serve")
    for table in added.tables:
        console.out(f"  POST http://127.0.0.1:8000/{table}")
    console.out("Next: look at the changes and commit them; decisions and optional future fields")
    console.out(f"are in docs/tables/{added.tables[0] if len(added.tables) == 1 else '…'}.md.")
    console.add_to_document(
        {
            "tables": list(added.tables),
            "files": list(added.files),
            "revisions": [asdict(one) for one in added.revisions],
            "boxes": [asdict(one) for one in added.boxes],
            "evidence": dict(added.evidence),
            "database": added.database,
            "proved_on_postgresql": added.proved_on_postgresql,
        }
    )
