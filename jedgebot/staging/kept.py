"""SQLite files at head, kept from one add to the next: to run a thousand revisions takes seconds.

They lie in a directory that is called after a hash of all that makes them, with a hash of each, so
that neither a changed revision nor a damaged file is mistaken for what it was.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

_HASHES = "hashes.json"
_DRAFT = "draft"
_MADE_BY = ("alembic.ini", "alembic", "backend/core", "backend/__init__.py")
"""What revisions are run with, from the project's root; rules of theirs forbid them the rest."""


def take(kept: Path, root: Path, target: Path) -> list[Path]:
    """Copy the files that the present revisions make, if they are kept.

    Args:
        kept: where files are kept.
        root: of a project.
        target: a directory.

    Returns:
        the copies; none if they are not kept, or damaged.

    Raises:
        OSError: there is no room for a copy.
    """
    source = kept / _key(root)
    try:
        hashes = json.loads((source / _HASHES).read_text(encoding="utf-8"))
        are_whole = all(_hash_of(source / name) == wanted for name, wanted in hashes.items())
    except (OSError, ValueError):
        return []
    return [shutil.copyfile(source / name, target / name) for name in hashes] if are_whole else []


def keep(kept: Path, root: Path, files: Sequence[Path]) -> None:
    """Keep the files that the present revisions have made, in the place of those before.

    Nobody writes to the files any more: they get a second name. What cannot be kept is not.

    Args:
        kept: where files are kept.
        root: of the project.
        files: SQLite files that nobody has open.
    """
    with suppress(OSError):
        draft = kept / _DRAFT
        shutil.rmtree(kept, ignore_errors=True)
        draft.mkdir(mode=0o700, parents=True)
        for file in files:
            os.link(file, draft / file.name)
            _flush(draft / file.name)
        hashes = {file.name: _hash_of(file) for file in files}
        (draft / _HASHES).write_text(json.dumps(hashes), encoding="utf-8")
        draft.rename(kept / _key(root))


def is_made_by_revisions_alone(root: Path) -> bool:
    """Whether nothing of the project is imported here beside what the hash is of."""
    made_by = [root / part for part in _MADE_BY]
    return not [
        file
        for module in list(sys.modules.values())
        if (file := getattr(module, "__file__", None)) is not None
        and Path(file).is_relative_to(root)
        and not any(Path(file).is_relative_to(part) for part in made_by)
    ]


def _key(root: Path) -> str:
    found = hashlib.sha256()
    versions = (version("alembic"), version("sqlalchemy"), sqlite3.sqlite_version, sys.version)
    found.update(repr(versions).encode())
    for file in sorted(_files(root)):
        found.update(repr((file.relative_to(root).as_posix(), _hash_of(file))).encode())
    return found.hexdigest()


def _files(root: Path) -> Iterator[Path]:
    for part in _MADE_BY:
        path = root / part
        found = path.rglob("*") if path.is_dir() else [path]
        yield from (file for file in found if "__pycache__" not in file.parts and file.is_file())


def _hash_of(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _flush(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
