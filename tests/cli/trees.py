"""The state of a directory, to compare before and after."""

import shutil
from collections.abc import Iterator
from pathlib import Path


def contents(root: Path) -> dict[str, bytes | None]:
    """Every file with its bytes and mode, every directory with None; bytecode left out."""
    return dict(_contents(root))


def restore(root: Path, before: dict[str, bytes | None]) -> None:
    """Bring a directory back to the state that `contents` gave."""
    now = contents(root)
    for name in sorted(now.keys() - before.keys(), reverse=True):
        path = root / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for name, content in before.items():
        path = root / name
        if content is None:
            path.mkdir(exist_ok=True)
        elif now.get(name) != content:
            mode, _, data = content.partition(b" ")
            path.write_bytes(data)
            path.chmod(int(mode, 8) & 0o777)


def _contents(root: Path) -> Iterator[tuple[str, bytes | None]]:
    for path in sorted(root.rglob("*")):
        if "__pycache__" in path.parts:
            continue
        name = path.relative_to(root).as_posix()
        if path.is_dir():
            yield name, None
        else:
            yield name, b"%o " % path.stat().st_mode + path.read_bytes()
