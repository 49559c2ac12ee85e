"""The histories of several databases in one folder of revisions, and commands that concern all.

Alembic knows one database, whose version table names the heads of all its branches. Here each
database has its branch, and its own version table: a command is planned as Alembic would plan it
with all heads in one place, and each step is carried out in the database that it is for.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError, to_tuple

from backend.core.migrations.errors import MigrationError
from backend.core.migrations.steps import PlanSteps
from backend.core.revisions import Link, databases_of
from backend.core.settings import MAIN_DATABASE


class Histories:
    """Which revisions are for which database.

    Raises:
        MigrationError: a revision follows, or depends on, one of another database.
    """

    def __init__(self, script: ScriptDirectory) -> None:
        self._script = script
        revisions = list(script.walk_revisions())
        links = [
            Link(
                one.revision,
                to_tuple(one.down_revision, default=()),
                # Those of the revision itself; what it also has by Alembic's inheritance may be
                # a label of a revision that follows it.
                to_tuple(getattr(one.module, "branch_labels", None), default=()),
            )
            for one in revisions
        ]
        try:
            self._databases = databases_of(links)
        except ValueError as error:
            raise MigrationError(f"{error} Delete it: each database has its own.") from None
        for one in revisions:
            needed = one._resolved_dependencies  # noqa: SLF001 - the public ones may be labels
            if len({self._databases.get(each) for each in (one.revision, *needed)}) > 1:
                raise MigrationError(
                    f"The revision {one.revision} depends on one of another database; what was "
                    "done there cannot be waited for here."
                )

    @property
    def databases(self) -> tuple[str, ...]:
        """Every database that has a history, the main one first."""
        return MAIN_DATABASE, *sorted(set(self._databases.values()) - {MAIN_DATABASE})

    def of(self, revisions: Iterable[str], database: str) -> tuple[str, ...]:
        """Those of the revisions that are for a database."""
        return tuple(
            one for one in revisions if self._databases.get(one, MAIN_DATABASE) == database
        )

    def heads_of(self, database: str) -> tuple[str, ...]:
        """The newest revisions of a database."""
        return self.of(self._script.get_heads(), database)

    def compared(self, arguments: Mapping[str, Any]) -> tuple[str, ...]:
        """The databases that a new revision, or `alembic check`, compares with their models.

        Args:
            arguments: of the command.
        """
        try:
            followed = self._script.get_revisions(arguments["head"])
        except CommandError:
            # The only head of several is asked for: to check is to check all, and a revision
            # is refused by Alembic, which says how to name its head.
            return self.databases
        heads = [one.revision for one in followed]
        if not heads:
            labels = to_tuple(arguments["branch_label"], default=())
            return (labels[0] if labels else MAIN_DATABASE,)
        return tuple(one for one in self.databases if self.of(heads, one))


class JointPlan:
    """The steps of one command over several databases, planned once, before the first is taken.

    Args:
        plan: what Alembic asks for the steps.
        histories: of all databases.

    Attributes:
        heads: the revisions that each database is at; to be filled before the first step. One
            that the command does not visit is taken to be where it should be.
    """

    def __init__(self, plan: PlanSteps, histories: Histories) -> None:
        self._plan = plan
        self._histories = histories
        self._steps: list[Any] | None = None
        self.heads = {name: histories.heads_of(name) for name in histories.databases}

    def heads_with(self, heads: tuple[str, ...], database: str) -> tuple[str, ...]:
        """The heads of one database with those of all others."""
        others = [one for name, ones in self.heads.items() if name != database for one in ones]
        return (*heads, *others)

    def steps_of(self, database: str) -> PlanSteps:
        """What is to be done in one database."""

        def planned(heads: tuple[str, ...], context: MigrationContext) -> Iterable[Any]:
            if self._steps is None:
                joint = () if context.purge else self.heads_with(heads, database)
                if context.opts.get("dont_mutate"):
                    # `alembic current --check-heads` asks the context itself, and changes nothing.
                    context.get_current_heads = lambda: joint  # type: ignore[method-assign]  # so
                self._steps = list(self._plan(joint, context))
            return [step for step in self._steps if self._is_for(step, database)]

        return planned

    def comparison_of(self, database: str) -> PlanSteps:
        """The command that compares one database with its models, and makes no step."""

        def compared(heads: tuple[str, ...], context: MigrationContext) -> Iterable[Any]:
            return self._plan(self.heads_with(heads, database), context)

        return compared

    def _is_for(self, step: Any, database: str) -> bool:
        return bool(self._histories.of(step.info.up_revision_ids, database))
