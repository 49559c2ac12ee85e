"""How `jedgebot table add` runs: the lock, the staged copy, and two workers in it."""

import importlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from jedgebot import console
from jedgebot.paths import PROJECT_ROOT
from jedgebot.spec.table import TableSpec
from jedgebot.staging import postgresql
from jedgebot.staging.process import Worker, Workers
from jedgebot.workspace import Workspace

_MODELS = "jedgebot.staging.stage:Stage"
_APPLICATION = "jedgebot.staging.application:Application"
_LOOK_AT_TESTS = "Look whether `./run test` works in this checkout."


@dataclass(frozen=True)
class Wish:
    """How tables are added.

    Attributes:
        dry_run: only show what would be written.
        apply: migrate the database, too.
        postgresql: prove it on PostgreSQL, too.
    """

    dry_run: bool = False
    apply: bool = True
    postgresql: bool = True


def run(specs: Sequence[TableSpec], wish: Wish) -> None:
    """Add tables, and report.

    Raises:
        JedgebotError: they cannot be added; the project and its database are as before.
    """
    workspace = Workspace(PROJECT_ROOT)
    with ExitStack() as stack:
        lock = stack.enter_context(workspace.locked())
        stage = stack.enter_context(workspace.staged())
        with console.step("Load the libraries"):
            if wish.postgresql and not wish.dry_run:
                stack.enter_context(postgresql.begun(PROJECT_ROOT, stage))
            importlib.import_module("jedgebot.staging.libraries")
        # Forks of this process, which has not imported the project yet.
        models = stack.enter_context(Worker(lock))
        models.post("enter", _LOOK_AT_TESTS, root=stage, place=_MODELS)
        application = stack.enter_context(Worker(lock, models.fileno()))
        if not wish.dry_run:
            application.post("enter", _LOOK_AT_TESTS, root=stage, place=_APPLICATION)
            application.post("import_core", _LOOK_AT_TESTS)
        with console.step("Load the project's code"):
            from jedgebot.adding import add_tables  # noqa: PLC0415 - see above
            from jedgebot.commands import add_report  # noqa: PLC0415 - see above
        added = add_tables(
            specs,
            workspace,
            stage,
            Workers(models, application),
            dry_run=wish.dry_run,
            apply=wish.apply,
            postgresql=wish.postgresql,
        )
    add_report.show(specs, added)
