"""The project's files: the only module that writes to them, all or nothing.

What a change needs while it is under way is in a private directory under `var/`, which is not
under version control: a copy of the tree to try the change in, and the journal.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum, auto
from pathlib import Path, PurePosixPath

from jedgebot.errors import Failure
from jedgebot.journal import Conflict, Journal
from jedgebot.plan import Write

Mark = Mapping[str, str]
"""What tells whether a change holds, such as the revision that it brings a database to."""

STAGED = ("alembic", "alembic.ini", "backend", "docs", "pyproject.toml", "tests")
_SECONDS_FOR_PROCESSES_TO_END = 20.0
_SECONDS_FOR_A_SERVER_TO_END = 5.0
_SECONDS_BETWEEN_LOOKS = 0.02
_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


class Locked(Failure):
    """Another process changes the project."""


class Outcome(Enum):
    """What became of a change."""

    HOLDS = auto()
    UNDONE = auto()


class Workspace:
    """A project's directory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._private = root / "var" / "jedgebot"
        self._journal = self._private / "journal"

    @contextmanager
    def locked(self) -> Iterator[int]:
        """Keep every other process from changing the project; the system frees a dead one's lock.

        Yields:
            the descriptor that holds the lock, which a fork of this process has to close.

        Raises:
            Locked: another process changes it.
        """
        descriptor = os.open(self.root / "backend", os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked(
                "another jedgebot command is changing this project.",
                "Wait for it to end, then run the command again.",
            ) from None
        else:
            yield descriptor
        finally:
            os.close(descriptor)

    @contextmanager
    def private(self) -> Iterator[Path]:
        """The private directory, which is gone afterwards unless a journal is in it.

        Raises:
            Failure: it cannot be made.
        """
        made = [path for path in (self._private.parent, self._private) if not path.exists()]
        try:
            try:
                self._private.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise _not_written(error) from error
            yield self._private
        finally:
            with _signals_deferred():
                for path in reversed(made):
                    with contextlib.suppress(OSError):  # it is in use
                        path.rmdir()

    @contextmanager
    def staged(self) -> Iterator[Path]:
        """A copy of the tree, which is gone afterwards.

        Raises:
            Failure: it cannot be made.
        """
        with self.private() as private:
            stage = private / f"stage-{os.getpid()}"
            try:
                try:
                    self._copy_to(stage)
                except OSError as error:
                    raise _not_written(error) from error
                yield stage
            finally:
                with _signals_deferred():
                    shutil.rmtree(stage, ignore_errors=True)

    def _copy_to(self, stage: Path) -> None:
        stage.mkdir()
        for part in STAGED:
            source = self.root / part
            if source.is_dir():
                shutil.copytree(
                    source,
                    stage / part,
                    ignore=self._ignored,
                    symlinks=True,
                    copy_function=share,
                )
            else:
                share(source, stage / part)

    def write_staged(self, stage: Path, writes: Iterable[Write]) -> None:
        """Carry out the writes of a plan in a staged copy.

        A file of the copy may be the project's own under a second name, so none is written to:
        each is replaced.

        Raises:
            Failure: there is no room for them.
        """
        try:
            for write in writes:
                target = stage / write.path
                target.parent.mkdir(parents=True, exist_ok=True)
                draft = target.with_name(f".{target.name}.draft")
                draft.write_text(write.text, encoding="utf-8")
                draft.replace(target)
        except OSError as error:
            raise _not_written(error) from error

    def _ignored(self, directory: str, names: list[str]) -> list[str]:
        """What the staged tree does without; it keeps the bytecode, which saves its making."""
        own_tests = Path(directory) == self.root / "tests"
        return [name for name in names if name.startswith(".") or (own_tests and name == "cli")]

    def change(
        self,
        contents: Mapping[PurePosixPath, bytes],
        mark: Mark,
        commit: Callable[[], None],
        holds: Callable[[Mark], bool],
    ) -> None:
        """Write files and commit, or leave everything as it was.

        Args:
            contents: the files.
            mark: kept in the journal, for `holds` in another process.
            commit: makes the change hold; its success is the last step.
            holds: whether the commit has happened, asked after any error.

        Raises:
            Failure: the files cannot be written, or put back.
            Whatever `commit` raises, after everything is as it was. Where `holds` says that it
            has happened all the same, the change stays, and only Ctrl-C and the like are raised.
        """
        journal: Journal | None = None
        with self.private():
            try:
                with _signals_deferred():
                    journal = Journal.begin(self._journal, self.root, contents, mark)
                journal.write()
                journal.begin_commit()
                commit()
                with _signals_deferred():
                    journal.end()
                    journal = None
            except BaseException as error:
                outcome = Outcome.UNDONE
                if journal is not None:
                    with _signals_deferred():
                        reached = journal.is_committing
                        outcome = self._settle(journal, holds if reached else _holds_not)
                if isinstance(error, Exception) and outcome is Outcome.HOLDS:
                    return  # only the tidying up has failed, and was done again
                if isinstance(error, OSError):
                    raise _not_written(error) from error
                raise

    def recover(self, holds: Callable[[Mark], bool]) -> Outcome | None:
        """Finish what a killed process left behind: None if there was nothing.

        `holds` is asked in every case: after the process was killed, somebody may have applied
        the revision that it had written.

        Raises:
            Failure: it cannot be finished.
        """
        with _signals_deferred():
            journal = Journal.read(self._journal, self.root)
            outcome = None if journal is None else self._settle(journal, holds)
            for leftover in self.leftovers():
                _wait_until_free(leftover)
                _remove(leftover)
            with contextlib.suppress(OSError):  # it is not there, or in use
                self._private.rmdir()
            return outcome

    def leftovers(self) -> Iterable[Path]:
        """What is in the private directory; nothing unless a change is under way."""
        return list(self._private.iterdir()) if self._private.is_dir() else []

    def _settle(self, journal: Journal, holds: Callable[[Mark], bool]) -> Outcome:
        """Undo a change, or end it if it holds."""
        try:
            outcome = Outcome.HOLDS if holds(journal.mark) else Outcome.UNDONE
            if outcome is Outcome.UNDONE:
                journal.undo()
            else:
                journal.redo()
        except Conflict as conflict:
            raise Failure(
                f"{' and '.join(conflict.paths)} changed while a table was being added.",
                f"Compare with the copies in {journal.directory}, then delete that directory.",
            ) from conflict
        except OSError as error:
            raise Failure(
                f"the files could not be put back: {error.strerror}: {error.filename}",
                "Make room or give permission, then run any jedgebot command: it tries again.",
            ) from error
        journal.end()
        return outcome


def share(source: Path | str, target: Path | str) -> None:
    """Give a file a second name, which takes no time and no room; copy it where there is none."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # another file system, or one without such links
        shutil.copy2(source, target, follow_symlinks=False)


def _wait_until_free(directory: Path) -> None:
    """Wait, but not for ever, until the processes have ended that work in a directory."""
    latest = time.monotonic() + _SECONDS_FOR_PROCESSES_TO_END
    try:
        descriptor = os.open(directory, os.O_RDONLY)
    except OSError:
        return
    try:
        while time.monotonic() < latest:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            time.sleep(_SECONDS_BETWEEN_LOOKS)
    finally:
        os.close(descriptor)


def _remove(directory: Path) -> None:
    """Remove a directory in which a database server may still be coming to its end.

    What this user may not remove stays, and is not waited for.
    """
    latest = time.monotonic() + _SECONDS_FOR_A_SERVER_TO_END
    while directory.is_dir():
        try:
            shutil.rmtree(directory)
        except OSError as error:
            if isinstance(error, PermissionError) or time.monotonic() >= latest:
                shutil.rmtree(directory, ignore_errors=True)  # what is left beside it
                return
            time.sleep(_SECONDS_BETWEEN_LOOKS)


def _holds_not(_mark: Mark) -> bool:
    """That a change whose commit was never reached does not hold."""
    return False


def _not_written(error: OSError) -> Failure:
    reason = f"{error.strerror}: {error.filename}" if error.strerror else str(error)
    if isinstance(error, shutil.Error):  # a list of all the files that could not be copied
        reason = str(error.args[0][0][2])
    return Failure(
        f"a file could not be written: {reason}",
        "Make room or give permission, then run the command again.",
    )


@contextmanager
def _signals_deferred() -> Iterator[None]:
    """Let Ctrl-C and the like wait until the end.

    By handlers, not by a mask: the system gives a signal to any thread that does not mask it,
    and Python then interrupts the main thread all the same.
    """
    received: list[int] = []
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number in before:
        signal.signal(number, lambda number, _frame: received.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if received:
            signal.raise_signal(received[0])
