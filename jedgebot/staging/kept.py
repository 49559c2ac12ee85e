"""SQLite files at head, kept from one add to the next: to run a thousand revisions takes seconds.

They lie in a directory that is called after a hash of all that makes them, with a hash of each, so
that neither a changed revision nor a damaged file is mistaken for what it was. What makes them is
read before they are made, since a file of the staged copy may be the project's own under a second
name, and an editor may write to it meanwhile.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from jedgebot.workspace import share

Makers = Mapping[str, str]
"""The files that make a database at head, from the project's root, with a hash of each."""

_HASHES = "hashes.json"
_DRAFT = "draft"
_MADE_BY = ("alembic.ini", "alembic", "backend/core", "backend/__init__.py")
"""What revisions are run with, from the project's root; rules of theirs forbid them the rest."""


def makers_of(root: Path) -> Makers:
    """What makes the databases of a project, as it is now."""
    return {file.relative_to(root).as_posix(): _hash_of(file) for file in _files(root)}


def take(kept: Path, makers: Makers, target: Path) -> list[Path]:
    """Copy the files that were made by the same, if they are kept.

    Args:
        kept: where files are kept.
        makers: what makes them.
        target: a directory.

    Returns:
        the copies; none if they are not kept, or damaged.

    Raises:
        OSError: there is no room for a copy.
    """
    source = kept / _key(makers)
    try:
        hashes = json.loads((source / _HASHES).read_text(encoding="utf-8"))
        are_whole = isinstance(hashes, dict) and all(
            _hash_of(source / name) == wanted for name, wanted in hashes.items()
        )
    except (OSError, ValueError, RecursionError):
        return []
    return [shutil.copyfile(source / name, target / name) for name in hashes] if are_whole else []


def keep(
    kept: Path, root: Path, files: Sequence[Path], before: Makers, revisions: Collection[str]
) -> None:
    """Keep files that were made here, in the place of those kept before.

    Nobody writes to the files any more: they get a second name. What cannot be kept is not, nor
    what was made while somebody changed one of its makers.

    Args:
        kept: where files are kept.
        root: of the project.
        files: SQLite files that nobody has open.
        before: what made them at first.
        revisions: that were made and applied since, from the root.
    """
    with suppress(OSError):
        makers = makers_of(root)
        new = makers.keys() - before.keys()
        if new != set(revisions) or before != {name: makers.get(name) for name in before}:
            return
        draft = kept / _DRAFT
        shutil.rmtree(kept, ignore_errors=True)
        draft.mkdir(mode=0o700, parents=True)
        for file in files:
            share(file, draft / file.name)
            _flush(draft / file.name)
        hashes = {file.name: _hash_of(file) for file in files}
        (draft / _HASHES).write_text(json.dumps(hashes), encoding="utf-8")
        draft.rename(kept / _key(makers))


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


def _key(makers: Makers) -> str:
    versions = (version("alembic"), version("sqlalchemy"), sqlite3.sqlite_version, sys.version)
    return hashlib.sha256(repr((versions, sorted(makers.items()))).encode()).hexdigest()


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
