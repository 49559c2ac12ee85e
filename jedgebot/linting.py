"""The linter and the formatter's check, on the project's own terms."""

import subprocess
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from ruff import find_ruff_bin  # type: ignore[import-untyped]  # ruff ships no types

from jedgebot.errors import Failure


def lint(root: Path, paths: Iterable[PurePosixPath]) -> None:
    """Let files pass that the linter and the formatter would leave as they are.

    Raises:
        Failure: one of them has something to say.
    """
    python = [str(path) for path in paths if path.suffix == ".py"]
    for arguments in (["check", "--output-format=concise"], ["format", "--check"]):
        done = subprocess.run(  # noqa: S603 - ruff's own binary, with paths of a plan
            [find_ruff_bin(), *arguments, "--no-cache", "--quiet", *python],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            lines = (done.stdout + done.stderr).strip().splitlines() or ["it says nothing"]
            raise Failure(
                f"ruff {arguments[0]} refuses what was rendered: {lines[0]}",
                "Mend the template in jedgebot/rendering/templates/, or the file it names.",
            )
