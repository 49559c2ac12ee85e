"""What a killed command left behind, brought to an end by the next one."""

from functools import partial
from pathlib import Path

from jedgebot import console
from jedgebot.errors import Failure
from jedgebot.staging.jobs import Jobs
from jedgebot.workspace import Locked, Mark, Outcome, Workspace

_NOTES = {
    Outcome.UNDONE: "A command that was killed has been undone.",
    Outcome.HOLDS: "A command that was killed was complete, and stays.",
}


def recover(root: Path) -> None:
    """Undo an interrupted change, or keep it if its database commit had happened.

    Raises:
        Failure: neither can be done at present.
    """
    jobs = Jobs()
    # In a process of its own: the command that follows may fork before it imports the project.
    jobs.begin("recovery", partial(_recover, root), "Run any jedgebot command: it tries again.")
    done = jobs.next_finished()
    if done.error is not None:
        raise Failure(*done.error)
    if isinstance(done.result, Outcome):
        console.note(_NOTES[done.result])


def _recover(root: Path) -> Outcome | None:
    from backend.core.settings import load_settings  # noqa: PLC0415 - see recover()
    from jedgebot.migrations.target import Target  # noqa: PLC0415 - see recover()

    workspace = Workspace(root)

    def holds(mark: Mark) -> bool:
        return Target(root, load_settings().database_url).holds(mark)

    try:
        with workspace.locked():
            return workspace.recover(holds)
    except Locked:
        return None  # it was not killed: it is still at work
