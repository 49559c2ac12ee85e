"""The journal of a change under way: enough to undo it, and to know whether to.

The journal is a directory that appears whole, by one rename, before the first file of the
project is touched, and disappears after the last. Between the two, each file of the project is
either as before or as after, and the journal has both.
"""

import contextlib
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

_INDEX = "journal.json"
_COMMITTING = "committing"


class Conflict(Exception):
    """A file is neither as before nor as after: someone else has changed it.

    Attributes:
        paths: the files.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        super().__init__(", ".join(paths))
        self.paths = tuple(paths)


@dataclass(frozen=True)
class Entry:
    """One file of the change.

    Attributes:
        path: where it is, from the project's root.
        before: digest of its content before; None if it was not there.
        after: digest of its content after.
    """

    path: str
    before: str | None
    after: str


@dataclass(frozen=True)
class Journal:
    """A change of several files.

    Attributes:
        directory: where the journal is.
        root: of the project.
        entries: the files.
        directories: those that the change makes, outermost first.
        mark: what decides whether the change holds; the journal only keeps it.
    """

    directory: Path
    root: Path
    entries: tuple[Entry, ...]
    directories: tuple[str, ...]
    mark: Mapping[str, str]

    @classmethod
    def begin(
        cls,
        directory: Path,
        root: Path,
        contents: Mapping[PurePosixPath, bytes],
        mark: Mapping[str, str],
    ) -> "Journal":
        """Keep the files as they are and as they are to be, and say that the change begins.

        Raises:
            OSError: something cannot be read or written; nothing has begun then.
        """
        draft = directory.with_name(f"{directory.name}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        try:
            entries = tuple(
                _kept(draft, number, root, path, after)
                for number, (path, after) in enumerate(contents.items())
            )
            journal = cls(directory, root, entries, _missing_parents(root, contents), dict(mark))
            index = {
                "entries": [asdict(entry) for entry in entries],
                "directories": journal.directories,
                "mark": journal.mark,
            }
            write_durably(draft / _INDEX, json.dumps(index, indent=2).encode())
            draft.rename(directory)
            sync_directory(directory.parent)
        except BaseException:
            for path in (directory, draft):
                shutil.rmtree(path, ignore_errors=True)
            raise
        return journal

    @classmethod
    def read(cls, directory: Path, root: Path) -> "Journal | None":
        """The journal of a change that was not finished; None if there is none."""
        try:
            index = json.loads((directory / _INDEX).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        entries = tuple(Entry(**entry) for entry in index["entries"])
        return cls(directory, root, entries, tuple(index["directories"]), index["mark"])

    @property
    def is_committing(self) -> bool:
        """Whether the commit was reached, so that only its result tells if the change holds."""
        return (self.directory / _COMMITTING).exists()

    def begin_commit(self) -> None:
        """Say that all files are as they are to be, and the commit comes now.

        Raises:
            OSError: it cannot be written.
        """
        write_durably(self.directory / _COMMITTING, b"")
        sync_directory(self.directory)

    def write(self) -> None:
        """Put every file as it is to be.

        Raises:
            OSError: one cannot be written; `undo` puts all back.
        """
        for path in self.directories:
            (self.root / path).mkdir()
        for number, entry in enumerate(self.entries):
            _put(self.directory / f"{number}.after", self.root / entry.path)
        for parent in {(self.root / entry.path).parent for entry in self.entries}:
            sync_directory(parent)

    def redo(self) -> None:
        """Put those files as they are to be that `write` did not reach; may be repeated.

        Raises:
            OSError: one cannot be written.
        """
        for path in self.directories:
            (self.root / path).mkdir(exist_ok=True)
        for number, entry in enumerate(self.entries):
            source = self.directory / f"{number}.after"
            if source.exists():
                _put(source, self.root / entry.path)

    def undo(self) -> None:
        """Put every file back as it was; may be repeated.

        Raises:
            Conflict: someone else has changed a file meanwhile. All others are put back.
            OSError: one cannot be written.
        """
        conflicts = []
        for number, entry in enumerate(self.entries):
            target = self.root / entry.path
            present = digest(target.read_bytes()) if target.exists() else None
            if present == entry.before:
                continue
            if present is not None and present != entry.after:
                conflicts.append(entry.path)
            elif entry.before is None:
                target.unlink(missing_ok=True)
            else:
                # A copy: this may be interrupted too, and is then repeated.
                copy = self.directory / f"{number}.restored"
                shutil.copy2(self.directory / f"{number}.before", copy)
                _put(copy, target)
        for path in reversed(self.directories):
            shutil.rmtree(self.root / path / "__pycache__", ignore_errors=True)
            with contextlib.suppress(OSError):  # it is not empty: someone else uses it
                (self.root / path).rmdir()
        if conflicts:
            raise Conflict(conflicts)

    def end(self) -> None:
        """Say that the change is over, whichever way.

        Raises:
            OSError: it cannot be said; the journal is still there.
        """
        done = self.directory.with_name(f"{self.directory.name}.done")
        shutil.rmtree(done, ignore_errors=True)
        self.directory.rename(done)
        # It is over now. What cannot be tidied up, the next recovery does.
        with contextlib.suppress(OSError):
            sync_directory(done.parent)
        shutil.rmtree(done, ignore_errors=True)


def digest(content: bytes) -> str:
    """What a content is known by."""
    return hashlib.sha256(content).hexdigest()


def write_durably(path: Path, content: bytes) -> None:
    """Write a new file, and be sure that it is on the disk."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_directory(path: Path) -> None:
    """Be sure that a directory's names are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _kept(draft: Path, number: int, root: Path, path: PurePosixPath, after: bytes) -> Entry:
    target = root / path
    write_durably(draft / f"{number}.after", after)
    if not target.exists():
        return Entry(str(path), None, digest(after))
    shutil.copy2(target, draft / f"{number}.before")
    shutil.copymode(target, draft / f"{number}.after")
    return Entry(str(path), digest((draft / f"{number}.before").read_bytes()), digest(after))


def _put(source: Path, target: Path) -> None:
    """Move a file to its place, in one step."""
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # The private directory is on another file system.
        beside = target.with_name(f".{target.name}.jedgebot")
        shutil.copy2(source, beside)
        beside.replace(target)


def _missing_parents(root: Path, contents: Mapping[PurePosixPath, bytes]) -> tuple[str, ...]:
    missing: dict[str, None] = {}
    for path in contents:
        parents = [parent for parent in path.parents if not (root / parent).exists()]
        missing |= dict.fromkeys(str(parent) for parent in reversed(parents))
    return tuple(missing)
