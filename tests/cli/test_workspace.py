"""Files are written all or nothing, whatever happens at whichever moment."""

import errno
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from jedgebot.errors import Failure
from jedgebot.workspace import Locked, Outcome, Workspace
from tests.cli.trees import contents

MARK = {"revision": "1234"}
NEW = {
    PurePosixPath("backend/alerts/models.py"): b"new\n",
    PurePosixPath("backend/alerts/deep/er/file.py"): b"new too\n",
    PurePosixPath("backend/main.py"): b"edited\n",
    PurePosixPath("docs/tables/alerts.md"): b"",
}
WRITERS = ("fsync", "link", "mkdir", "open", "rename", "replace", "rmdir", "unlink")
Act = Callable[[], None]


class Commit:
    """What decides; it is outside the project, as a database is."""

    def __init__(self, directory: Path) -> None:
        self._proof = directory / "committed"

    def __call__(self) -> None:
        self._proof.touch()

    def holds(self, mark: Mapping[str, str]) -> bool:
        assert mark == MARK
        return self._proof.exists()


class Scene:
    """A small project, and what decides beside it."""

    def __init__(self, directory: Path) -> None:
        self.root = directory / "project"
        (self.root / "backend").mkdir(parents=True)
        (self.root / "backend" / "main.py").write_bytes(b"original\n")
        (self.root / "backend" / "main.py").chmod(0o640)
        (self.root / "var").mkdir()
        (self.root / "var" / "secret_key").write_bytes(b"key")
        self.commit = Commit(directory)

    def change(self) -> None:
        Workspace(self.root).change(NEW, MARK, self.commit, self.commit.holds)

    def recover(self) -> None:
        Workspace(self.root).recover(self.commit.holds)

    def require_all_or_nothing(self, before: dict[str, bytes | None], where: str) -> None:
        expected = after(before) if self.commit.holds(MARK) else before
        private = "var/jedgebot"
        found = {name: c for name, c in contents(self.root).items() if not name.startswith(private)}
        assert found == expected, where
        self.recover()
        assert contents(self.root) == expected, where


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


@pytest.fixture
def root(scene: Scene) -> Path:
    return scene.root


@pytest.fixture
def commit(scene: Scene) -> Commit:
    return scene.commit


def after(before: dict[str, bytes | None]) -> dict[str, bytes | None]:
    expected = dict(before)
    for path, content in NEW.items():
        for parent in path.parents[:-1]:
            expected[str(parent)] = None
        mode = 0o100640 if str(path) == "backend/main.py" else 0o100644
        expected[str(path)] = b"%o " % mode + content
    return expected


@contextmanager
def acting_at(monkeypatch: pytest.MonkeyPatch, number: int, act: Act) -> Iterator[list[str]]:
    """Do something just before the n-th time that anything is written; tell what was."""
    calls: list[str] = []
    numbers = count()

    def counting(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            calls.append(name)
            if next(numbers) == number:
                act()
            return original(*arguments, **options)

        return call

    with monkeypatch.context() as patch:
        for name in WRITERS:
            patch.setattr(os, name, counting(name, getattr(os, name)))
        yield calls


def no_space() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "somewhere")


def ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("act", [no_space, ctrl_c])
def test_a_fault_at_any_write_leaves_all_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: Act
) -> None:
    held = []
    for number in count():
        scene = Scene(tmp_path / str(number))
        before = contents(scene.root)
        with acting_at(monkeypatch, number, act) as calls, suppress(Failure, KeyboardInterrupt):
            scene.change()
        scene.require_all_or_nothing(before, f"{act.__name__} at write {number} of {calls}")
        held.append(scene.commit.holds(MARK))
        if len(calls) <= number:
            break
    assert held.count(False) > 20
    assert held.count(True) > 3


def test_after_a_kill_at_any_write_the_next_start_leaves_all_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = []
    for number in count():
        scene = Scene(tmp_path / str(number))
        before = contents(scene.root)
        code = in_a_fork(monkeypatch, number, scene.change)
        # The recovery is killed as well, and the next one is not.
        in_a_fork(monkeypatch, number % 7, scene.recover)
        scene.recover()
        scene.require_all_or_nothing(before, f"killed at write {number}")
        held.append(scene.commit.holds(MARK))
        if code == 0:
            break
    assert held.count(False) > 20
    assert held.count(True) > 3


def test_a_change_that_somebody_applied_after_a_kill_is_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`alembic upgrade head` applies a revision that the killed process had written already."""
    completed = 0
    for number in count():
        scene = Scene(tmp_path / str(number))
        before = contents(scene.root)
        code = in_a_fork(monkeypatch, number, scene.change)
        if list(scene.root.glob("var/jedgebot/journal/journal.json")):
            scene.commit()
            in_a_fork(monkeypatch, number % 7, scene.recover)
            scene.recover()
            completed += 1
        else:
            scene.recover()
        scene.require_all_or_nothing(before, f"killed at write {number}")
        if code == 0:
            break
    assert completed > 10


def in_a_fork(monkeypatch: pytest.MonkeyPatch, number: int, work: Callable[[], None]) -> int:
    """Do something in a process that is killed at its n-th write; its exit code."""
    process = os.fork()
    if process == 0:
        try:
            with acting_at(monkeypatch, number, lambda: os._exit(9)):
                work()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def test_a_commit_that_fails_undoes_the_files(root: Path) -> None:
    before = contents(root)

    def fail() -> None:
        assert contents(root) != before
        raise Failure("no.", "Try again.")

    with pytest.raises(Failure, match=r"no\."):
        Workspace(root).change(NEW, MARK, fail, lambda _: False)
    assert contents(root) == before


def test_an_interrupt_just_after_the_commit_keeps_the_files(root: Path, commit: Commit) -> None:
    before = contents(root)

    def committed_and_interrupted() -> None:
        commit()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Workspace(root).change(NEW, MARK, committed_and_interrupted, commit.holds)
    assert contents(root) == after(before)


def test_a_database_that_cannot_be_asked_leaves_the_decision_to_the_next_start(
    root: Path, commit: Commit
) -> None:
    before = contents(root)

    def unreachable(_mark: Mapping[str, str]) -> bool:
        raise Failure("cannot be reached.", "Start it.")

    def lost() -> None:
        raise Failure("the connection was lost.", "Start it.")

    with pytest.raises(Failure, match="cannot be reached"):
        Workspace(root).change(NEW, MARK, lost, unreachable)
    with pytest.raises(Failure, match="cannot be reached"):
        Workspace(root).recover(unreachable)
    assert Workspace(root).recover(commit.holds) is Outcome.UNDONE
    assert contents(root) == before


def test_a_file_that_someone_has_edited_meanwhile_is_not_overwritten(
    root: Path, commit: Commit
) -> None:
    def edit_and_fail() -> None:
        (root / "backend" / "main.py").write_bytes(b"by hand\n")
        raise Failure("no.", "Try again.")

    with pytest.raises(Failure, match=r"backend/main\.py changed") as failure:
        Workspace(root).change(NEW, MARK, edit_and_fail, commit.holds)
    assert (root / "backend" / "main.py").read_bytes() == b"by hand\n"
    assert not (root / "backend" / "alerts").exists()
    assert str(root / "var" / "jedgebot" / "journal") in failure.value.hint


def test_one_process_at_a_time(root: Path) -> None:
    workspace = Workspace(root)
    with workspace.locked(), pytest.raises(Locked), Workspace(root).locked():
        pass
    with Workspace(root).locked():
        pass


def test_what_may_not_be_removed_is_not_waited_for(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = scene.root / "var" / "jedgebot" / "stage-1"
    left.mkdir(parents=True)
    for name in ("another's", "own"):
        (left / name).touch()
    unlink = os.unlink

    def refused(path: str, **where: Any) -> None:
        if path == "another's":
            raise PermissionError(errno.EPERM, "Operation not permitted", path)
        unlink(path, **where)

    monkeypatch.setattr("os.unlink", refused)
    monkeypatch.setattr("time.sleep", pytest.fail)
    scene.recover()
    assert [path.name for path in left.iterdir()] == ["another's"]


def test_the_staged_copy_is_gone_afterwards(root: Path) -> None:
    for path in ("alembic.ini", "pyproject.toml"):
        (root / path).touch()
    for path in ("alembic", "docs", "tests/cli", "backend/.hidden"):
        (root / path).mkdir(parents=True)
    before = contents(root)
    with Workspace(root).staged() as stage:
        assert (stage / "backend" / "main.py").read_bytes() == b"original\n"
        assert not (stage / "tests" / "cli").exists()
        assert not (stage / "backend" / ".hidden").exists()
        assert not (stage / "var").exists()
    assert contents(root) == before
    with pytest.raises(KeyboardInterrupt), Workspace(root).staged():
        raise KeyboardInterrupt
    assert contents(root) == before
