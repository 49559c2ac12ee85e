"""The formatter: ruff, in one call for all files."""

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from ruff import find_ruff_bin  # type: ignore[import-untyped]  # ruff ships no types

from jedgebot.errors import Failure

LINE_LENGTH = 100


def formatted(files: Mapping[PurePosixPath, str]) -> dict[PurePosixPath, str]:
    """Format the Python among the files.

    Raises:
        Failure: one of them is not Python.
    """
    with tempfile.TemporaryDirectory(prefix="jedgebot-") as directory:
        root = Path(directory)
        for path, text in files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        python = [str(path) for path in files if path.suffix == ".py"]
        options = ["--isolated", "--no-cache", f"--line-length={LINE_LENGTH}"]
        done = subprocess.run(  # noqa: S603  # ruff's own binary, with paths made here
            [find_ruff_bin(), "format", *options, *python],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise Failure(
                f"A rendered file is not Python: {done.stderr.strip().splitlines()[0]}",
                "Mend the template in jedgebot/rendering/templates/.",
            )
        return {path: (root / path).read_text(encoding="utf-8") for path in files}
