"""What a killed command left behind, brought to an end by the next one."""

from pathlib import Path

from backend.core.settings import load_settings
from jedgebot import console
from jedgebot.migrations.target import Mark, Target
from jedgebot.workspace import Locked, Outcome, Workspace


def recover(root: Path) -> None:
    """Undo an interrupted change, or keep it if its database commit had happened.

    Raises:
        Failure: neither can be done at present.
    """
    workspace = Workspace(root)

    def holds(mark: Mark) -> bool:
        return Target(root, load_settings().database_url).holds(mark)

    try:
        with workspace.locked():
            outcome = workspace.recover(holds)
    except Locked:
        return  # it was not killed: it is still at work
    if outcome is Outcome.UNDONE:
        console.note("A table add that was killed has been undone.")
    elif outcome is Outcome.HOLDS:
        console.note("A table add that was killed was complete, and stays.")
