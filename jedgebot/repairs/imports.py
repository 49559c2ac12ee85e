"""The order of imports, as the linter wants it."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from ruff import find_ruff_bin  # type: ignore[import-untyped]  # ruff ships no types

from jedgebot.checks import Module
from jedgebot.repairs.repair import Draft, Outcome, Repair

SHARED = ("backend/main.py", "backend/models/__init__.py")


def sort_imports(draft: Draft, modules: Sequence[Module]) -> Iterator[Outcome]:
    """Sort the imports of the modules' files and of the two that every module is named in."""
    folders = [folder for one in modules for folder in (one.folder, f"tests/unit/{one.name}")]
    existing = [path for path in (*SHARED, *folders) if (draft.root / path).exists()]
    for path in _unsorted(draft.root, existing):
        before = draft.read(path)
        if before is not None:
            draft.write(path, _sorted(draft.root, path, before))
            yield Repair(f"{path} has its imports in order", path)


def _unsorted(root: Path, paths: Sequence[str]) -> list[str]:
    done = _ruff(root, ["--output-format=json", *paths])
    try:
        found = json.loads(done.stdout)
    except ValueError:
        return []  # ruff could not read its own configuration; `./run check` says so
    names = {Path(one["filename"]) for one in found if one["code"] == "I001"}
    return sorted(name.relative_to(root).as_posix() for name in names)


def _sorted(root: Path, path: str, text: str) -> str:
    done = _ruff(root, ["--fix", f"--stdin-filename={path}", "-"], text)
    return done.stdout or text


def _ruff(
    root: Path, arguments: Sequence[str], text: str | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - ruff's own binary, with paths of the project
        [find_ruff_bin(), "check", "--select=I", "--no-cache", "--quiet", *arguments],
        cwd=root,
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
