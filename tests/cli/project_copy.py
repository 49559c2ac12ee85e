"""A copy of the project that tests break, and the command line that runs in it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[2]
_PRELOADED = Path(__file__).with_name("preloaded_runs.py")
_PARTS = ("alembic", "alembic.ini", "backend", "docs", "jedgebot", "pyproject.toml", "tests")
_times = count(1_000_000_000)


@dataclass(frozen=True)
class Answer:
    """How one run of the command line ended."""

    code: int
    out: str
    err: str


class ProjectCopy:
    """Files of a project; what is changed in `changing()` is put back after it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._before: dict[Path, bytes | None] = {}
        skipped = shutil.ignore_patterns("__pycache__", ".*")
        for part in _PARTS:
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, root / part, ignore=skipped)
            else:
                shutil.copy2(ROOT / part, root / part)

    @contextmanager
    def changing(self) -> Iterator[Self]:
        """Put every file back that is changed meanwhile."""
        try:
            yield self
        finally:
            for path, content in self._before.items():
                self._put(path, content)
            self._before.clear()

    def replace(self, pattern: str, old: str, new: str) -> None:
        """Replace a text that the one file has once."""
        path = self.file(pattern)
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{pattern} has {text.count(old)} times {old!r}"
        self._change(path, text.replace(old, new).encode())

    def substitute(self, pattern: str, old: str, new: str) -> None:
        """Replace a text everywhere in the one file that has it."""
        path = self.file(pattern)
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{pattern} has no {old!r}"
        self._change(path, text.replace(old, new).encode())

    def write(self, name: str, text: str) -> None:
        """Write a new file."""
        path = self.root / name
        assert not path.exists()
        path.parent.mkdir(exist_ok=True)
        self._change(path, text.encode())

    def delete(self, pattern: str) -> None:
        """Delete the one file."""
        self._change(self.file(pattern), None)

    def append(self, pattern: str, text: str) -> None:
        """Add a text at the end of the one file."""
        path = self.file(pattern)
        self._change(path, path.read_bytes() + text.encode())

    def cut(self, pattern: str, after: str, text: str) -> None:
        """Put a text in the place of all that comes after a text that the one file has once."""
        path = self.file(pattern)
        head, found, _ = path.read_text(encoding="utf-8").partition(after)
        assert found
        self._change(path, f"{head}{found}{text}".encode())

    def file(self, pattern: str) -> Path:
        """The one file of this name."""
        [path] = self.root.glob(pattern)
        return path

    def _change(self, path: Path, content: bytes | None) -> None:
        self._before.setdefault(path, path.read_bytes() if path.exists() else None)
        self._put(path, content)

    def _put(self, path: Path, content: bytes | None) -> None:
        if content is None:
            path.unlink()
            return
        path.write_bytes(content)
        # Python knows a changed file by its size and its time in seconds.
        os.utime(path, (moment := next(_times), moment))


class CommandLine:
    """`python -m jedgebot` in any directory, with the libraries loaded once.

    Args:
        scratch: a folder of its own.
        imported: a project and modules of it, if they are to be loaded once as well.
    """

    def __init__(self, scratch: Path, *imported: Path | str) -> None:
        self._scratch = scratch
        self._process = subprocess.Popen(
            [sys.executable, _PRELOADED, scratch / "bytecode", *imported],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate(timeout=60)

    def run(self, directory: Path, *arguments: str, **environment: str) -> Answer:
        """Run one command to its end."""
        assert self._process.stdin is not None
        out, err = self._scratch / "stdout", self._scratch / "stderr"
        run = {
            "directory": str(directory),
            "arguments": list(arguments),
            "environment": environment,
            "stdout": str(out),
            "stderr": str(err),
        }
        self._process.stdin.write(f"{json.dumps(run)}\n")
        self._process.stdin.flush()
        code = int(self.answer())
        return Answer(code, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))

    def answer(self) -> str:
        """What the process answers next."""
        assert self._process.stdout is not None
        return self._process.stdout.readline()
