"""The nine boxes as a new process sees them."""

import json
import subprocess
import sys
from pathlib import Path

from jedgebot.checks.finding import Finding
from jedgebot.errors import Failure


def nine_boxes_afresh(root: Path, table: str) -> list[Finding]:
    """The nine boxes of one module, for a caller that imported the project before it changed.

    Args:
        root: the project's, or that of a copy of it.
        table: the module's name.

    Raises:
        Failure: the module cannot be checked.
    """
    checked = subprocess.run(  # noqa: S603 - this very command, with the name of a module
        [sys.executable, "-m", "jedgebot", "table", "check", table, "--json"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        found = json.loads(checked.stdout)["findings"]
    except ValueError:
        said = (checked.stderr.strip().splitlines() or ["it says nothing"])[0]
        raise Failure(
            f"{table} cannot be checked: {said.removeprefix('error: ')}",
            f"Run: jedgebot table check {table}",
        ) from None
    return [
        Finding(one["check"], table, one["passed"], tuple(one["evidence"]), one["hint"])
        for one in found
        if one["table"] == table
    ]
