"""SQLite files at head that are kept from one add to the next."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from jedgebot.staging.kept import is_made_by_revisions_alone, keep, take


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one revision."""
    root = tmp_path / "project"
    for name in ("alembic.ini", "alembic/versions/one.py", "backend/core/types.py"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (root / "backend" / "__init__.py").touch()
    return root


@pytest.fixture
def kept(tmp_path: Path, root: Path) -> Path:
    """Where a file is kept that the revision has made."""
    kept = tmp_path / "var" / "kept"
    made = tmp_path / "scratch.db"
    made.write_bytes(b"made by the revision")
    keep(kept, root, [made])
    return kept


def taken(kept: Path, root: Path) -> dict[str, bytes]:
    target = root.parent / "target"
    target.mkdir(exist_ok=True)
    found = {path.name: path.read_bytes() for path in take(kept, root, target)}
    shutil.rmtree(target)
    return found


def test_what_the_same_revisions_made_is_taken(kept: Path, root: Path) -> None:
    assert taken(kept, root) == {"scratch.db": b"made by the revision"}
    (root / "alembic" / "__pycache__").mkdir()
    (root / "alembic" / "__pycache__" / "env.pyc").touch()
    (root / "backend" / "users.py").touch()
    assert taken(kept, root) == {"scratch.db": b"made by the revision"}


@pytest.mark.parametrize(
    "name", ["alembic.ini", "alembic/versions/one.py", "alembic/two.csv", "backend/core/types.py"]
)
def test_what_other_revisions_made_is_not(kept: Path, root: Path, name: str) -> None:
    (root / name).write_text("something else")
    assert taken(kept, root) == {}


def test_what_other_libraries_made_is_not(
    kept: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sqlite3.sqlite_version", "3.0.0")
    assert taken(kept, root) == {}


@pytest.mark.parametrize("name", ["scratch.db", "hashes.json"])
@pytest.mark.parametrize("content", [b"", b"half", None])
def test_what_is_damaged_is_not(kept: Path, root: Path, name: str, content: bytes | None) -> None:
    [file] = kept.glob(f"*/{name}")
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    assert taken(kept, root) == {}


def test_only_the_newest_is_kept_and_nothing_where_there_is_no_room(
    kept: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kept / "draft").mkdir()  # of a command that was killed
    (root / "alembic.ini").write_text("newer")
    newer = root.parent / "newer.db"
    newer.touch()
    keep(kept, root, [newer])
    assert [path.name for path in kept.glob("*/*.db")] == ["newer.db"]

    def full(*_arguments: object) -> None:
        raise OSError

    monkeypatch.setattr("os.link", full)
    keep(kept, root, [newer])
    assert taken(kept, root) == {}


@pytest.fixture
def imported(root: Path) -> Iterator[ModuleType]:
    """A module of the project that is imported here."""
    module = ModuleType("imported_by_a_revision")
    module.__file__ = str(root / "backend" / "core" / "types.py")
    sys.modules[module.__name__] = module
    yield module
    del sys.modules[module.__name__]


def test_a_revision_that_imports_more_than_the_core_is_not_kept(
    root: Path, imported: ModuleType
) -> None:
    assert is_made_by_revisions_alone(root)
    imported.__file__ = str(root / "backend" / "users" / "models.py")
    assert not is_made_by_revisions_alone(root)
