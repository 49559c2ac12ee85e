"""`jedgebot table add`: one command, one live table."""

from contextlib import ExitStack
from typing import Annotated

import typer

from jedgebot import console
from jedgebot.paths import PROJECT_ROOT
from jedgebot.spec.building import TableOptions
from jedgebot.spec.grammar import parse_table
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
    options = TableOptions(singular=singular, why=why, later=later or [])
    spec = parse_table(name, fields or [], options)
    workspace = Workspace(PROJECT_ROOT)
    with workspace.locked(), ExitStack() as stack:
        # It imports its libraries while this process does the same.
        worker = None if dry_run else stack.enter_context(Worker(PROJECT_ROOT))
        with console.step("Load the project's code"):
            # They take a second.
            from jedgebot.adding import add_table  # noqa: PLC0415 - see above
            from jedgebot.commands import add_report  # noqa: PLC0415 - see above

        add_report.show(spec, add_table(spec, workspace, worker))
