"""SQLite files at head that are kept from one add to the next."""

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from jedgebot.staging.kept import is_made_by_revisions_alone, keep, makers_of, take


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
    keep(kept, root, [made], makers_of(root), [])
    return kept


def taken(kept: Path, root: Path) -> dict[str, bytes]:
    target = root.parent / "target"
    target.mkdir(exist_ok=True)
    found = {path.name: path.read_bytes() for path in take(kept, makers_of(root), target)}
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
@pytest.mark.parametrize(
    "content", [b"", b"made by the revisio", b"[]", b"1", b"[" * 200_000, None]
)
def test_what_is_damaged_is_not(kept: Path, root: Path, name: str, content: bytes | None) -> None:
    [file] = kept.glob(f"*/{name}")
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    assert taken(kept, root) == {}


def test_only_the_newest_is_kept_and_nothing_where_there_is_no_room(
    kept: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "alembic.ini").write_text("newer")
    newer = root.parent / "newer.db"
    newer.touch()
    keep(kept, root, [newer], makers_of(root), [])
    assert [path.name for path in kept.glob("*/*.db")] == ["newer.db"]

    def full(*_arguments: object, **_options: object) -> None:
        raise OSError

    monkeypatch.setattr("os.link", full)
    keep(kept, root, [newer], makers_of(root), [])
    assert taken(kept, root) == {"newer.db": b""}  # copied, where no link can be made
    monkeypatch.setattr("shutil.copy2", full)
    keep(kept, root, [newer], makers_of(root), [])
    assert taken(kept, root) == {}


def test_what_a_killed_command_has_half_kept_is_not_taken(kept: Path, root: Path) -> None:
    [whole] = kept.iterdir()
    whole.rename(kept / "draft")
    assert taken(kept, root) == {}
    newer = root.parent / "newer.db"
    newer.write_bytes(b"newer")
    keep(kept, root, [newer], makers_of(root), [])
    assert taken(kept, root) == {"newer.db": b"newer"}
    assert not (kept / "draft").exists()


def write_in_place(file: Path) -> None:
    file.write_text("something else")


@pytest.mark.parametrize(
    ("name", "act"),
    [
        ("alembic/versions/one.py", write_in_place),
        ("backend/core/types.py", write_in_place),
        ("alembic/versions/one.py", Path.unlink),
        ("alembic/versions/by_hand.py", Path.touch),
        ("alembic/versions/two.py", Path.unlink),
    ],
)
def test_what_was_made_while_somebody_changed_its_makers_is_not_kept(
    tmp_path: Path, root: Path, name: str, act: Callable[[Path], None]
) -> None:
    made, before = tmp_path / "scratch.db", makers_of(root)
    made.touch()
    (root / "alembic" / "versions" / "two.py").touch()
    act(root / name)
    keep(tmp_path / "kept", root, [made], before, ["alembic/versions/two.py"])
    assert not (tmp_path / "kept").exists()


def test_what_a_new_revision_was_applied_to_is_kept(tmp_path: Path, root: Path) -> None:
    made, before = tmp_path / "scratch.db", makers_of(root)
    made.touch()
    (root / "alembic" / "versions" / "two.py").touch()
    keep(tmp_path / "kept", root, [made], before, ["alembic/versions/two.py"])
    assert taken(tmp_path / "kept", root) == {"scratch.db": b""}


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
