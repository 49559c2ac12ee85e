"""The state of a directory, to compare before and after."""

from collections.abc import Iterator
from pathlib import Path


def contents(root: Path) -> dict[str, bytes | None]:
    """Every file with its bytes and mode, every directory with None; bytecode left out."""
    return dict(_contents(root))


def _contents(root: Path) -> Iterator[tuple[str, bytes | None]]:
    for path in sorted(root.rglob("*")):
        if "__pycache__" in path.parts:
            continue
        name = path.relative_to(root).as_posix()
        if path.is_dir():
            yield name, None
        else:
            yield name, b"%o " % path.stat().st_mode + path.read_bytes()
