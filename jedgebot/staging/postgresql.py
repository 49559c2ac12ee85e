"""A PostgreSQL server for the proofs of one command.

It is begun before anything else, in a process of its own, since it takes as long to start as
the libraries take to be imported: `python -m jedgebot.staging.postgresql DIRECTORY`. That process
also runs the project's migrations, beside all that does not need them.
"""

import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from jedgebot.errors import Failure
from jedgebot.staging.worker import forget_settings

_HINT = "Look whether `./run test` works, or leave PostgreSQL out with --no-postgresql."
_ANSWER, _LOG, _LOCK = "postgresql.json", "postgresql.log", "postgresql.lock"
_PROOFS, _TEMPLATE = "proofs", "at_head"
_SECONDS_TO_BE_READY = 300.0
_SECONDS_BETWEEN_LOOKS = 0.02


@contextmanager
def begun(root: Path, stage: Path) -> Iterator[None]:
    """Begin to start a server of a project, which ends with the block, or with this process.

    Args:
        root: of the project, whose tests know how to start one.
        stage: a staged copy; whoever works in it finds the server by `address`.
    """
    directory = stage / "var"
    directory.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "jedgebot.staging.postgresql", str(directory)]
    with (directory / _LOG).open("wb") as log, (directory / _LOCK).open("wb") as lock:
        flock(lock, LOCK_EX)
        process = subprocess.Popen(  # noqa: S603 - this very interpreter
            command,
            cwd=root,
            stdin=subprocess.PIPE,  # its end ends the server
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for this process, which then ends the server
            pass_fds=[lock.fileno()],  # by which it is seen to be there until it ends
        )
    try:
        yield
    finally:
        if process.stdin is not None:
            process.stdin.close()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)  # it may still be making its cluster
        process.wait()


def address(directory: Path) -> str:
    """The SQLAlchemy address of the main database, without rows, as soon as there is one.

    Args:
        directory: `var` of the staged copy.

    Raises:
        Failure: the server did not start, or the database cannot be migrated.
    """
    return _found(directory)["url"]


def empty_database(directory: Path, name: str) -> str:
    """Make a database on the server, and give back its address.

    Raises:
        Failure: as above.
    """
    # No database of the server has such a name, whatever a module's is called.
    with _attached(address(directory)) as server:
        url: str = server.create_database(f"proofs-of-{name}")
    return url


@contextmanager
def used_by_tests(directory: Path) -> Iterator[None]:
    """Let tests that would start a server of their own use this one, and its database at head.

    Raises:
        Failure: as above.
    """
    found = _found(directory)
    server = _attached(found["url"])
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(type(server), "start", return_value=server))
        if (template := found.get("template")) is not None:
            templates = importlib.import_module("tests.templates")
            made = partial(_upgraded, template)
            stack.enter_context(mock.patch.object(templates, "make_postgresql", made))
        yield


def _found(directory: Path) -> dict[str, str]:
    """What the server's process has answered, as soon as it has.

    Raises:
        Failure: it did not start, or the database cannot be migrated.
    """
    answer = directory / _ANSWER
    latest = time.monotonic() + _SECONDS_TO_BE_READY
    while not answer.exists():
        # It may have answered before it ended, and since the last look.
        if _has_ended(directory) and not answer.exists():
            raise Failure("the process that starts PostgreSQL has ended.", _HINT)
        if time.monotonic() > latest:
            raise Failure("PostgreSQL was not ready in time.", _HINT)
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    found: dict[str, str] = json.loads(answer.read_text(encoding="utf-8"))
    if "error" in found:
        raise Failure(found["error"], _HINT)
    return found


def _has_ended(directory: Path) -> bool:
    with (directory / _LOCK).open("rb") as lock:
        try:
            flock(lock, LOCK_SH | LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _attached(url: str) -> Any:  # Any: the project's own tests
    return importlib.import_module("tests.postgresql").PostgreSQL.attached(url)


def _upgraded(database: str, server: Any) -> str:  # Any: the project's own tests
    """Apply the new revisions to a database; give back its name."""
    _upgrade(server.url(database))
    return database


def _upgrade(url: str) -> None:
    # The project's own code, which the process that forks the workers must not import.
    importlib.import_module("backend.core.migrations").upgrade(url)


def serve(directory: Path) -> None:
    """Start a server, migrate, say where that is, and stop when the standard input ends."""
    module: Any = importlib.import_module("tests.postgresql")  # Any: the project's own tests
    try:
        server = module.PostgreSQL.start(directory / "postgresql")
    except Exception as error:  # noqa: BLE001 - whoever waits for the server is told
        _answer(directory, {"error": f"PostgreSQL did not start: {_line(error)}"})
        return
    with server, suppress(KeyboardInterrupt):
        url = server.create_database(_PROOFS)
        try:
            _upgrade(url)
            server.create_database(_TEMPLATE, _PROOFS)
        except Exception as error:  # noqa: BLE001 - as above
            _answer(directory, {"error": f"PostgreSQL cannot be migrated: {_line(error)}"})
            return
        _answer(directory, {"url": url, "template": _TEMPLATE})
        sys.stdin.read()


def _line(error: Exception) -> str:
    traceback.print_exception(error)  # into the log
    # Of a statement that fails SQLAlchemy also tells the whole text.
    return " ".join(str(getattr(error, "orig", error)).split())


def _answer(directory: Path, found: dict[str, str]) -> None:
    draft = directory / f"{_ANSWER}.draft"
    draft.write_text(json.dumps(found), encoding="utf-8")
    draft.rename(directory / _ANSWER)


if __name__ == "__main__":
    forget_settings()
    gc.disable()  # a search for garbage among a thousand revisions takes longer than they do
    serve(Path(sys.argv[1]))
