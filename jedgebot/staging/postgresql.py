"""A PostgreSQL server for the proofs of one command.

It is begun before anything else, in a process of its own, since it takes as long to start as
the libraries take to be imported: `python -m jedgebot.staging.postgresql DIRECTORY`.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest import mock

from jedgebot.errors import Failure

_HINT = "Look whether `./run test` works, or leave PostgreSQL out with --no-postgresql."
_ANSWER = "postgresql.json"
_SECONDS_TO_START = 90.0
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
    with (directory / "postgresql.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - this very interpreter
            command,
            cwd=root,
            stdin=subprocess.PIPE,  # its end ends the server
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for this process, which then ends the server
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
    """The SQLAlchemy address of the server's first database, as soon as there is one.

    Args:
        directory: `var` of the staged copy.

    Raises:
        Failure: it did not start.
    """
    answer = directory / _ANSWER
    latest = time.monotonic() + _SECONDS_TO_START
    while not answer.exists():
        if time.monotonic() > latest:
            raise Failure("PostgreSQL did not start in time.", _HINT)
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    found = json.loads(answer.read_text(encoding="utf-8"))
    if "error" in found:
        raise Failure(f"PostgreSQL did not start: {found['error']}", _HINT)
    url: str = found["url"]
    return url


@contextmanager
def used_by_tests(directory: Path) -> Iterator[None]:
    """Let tests that would start a server of their own use this one.

    Raises:
        Failure: it did not start.
    """
    running = address(directory)
    module: Any = importlib.import_module("tests.postgresql")  # Any: the project's own tests
    server = module.PostgreSQL.attached(running)
    with mock.patch.object(module.PostgreSQL, "start", return_value=server):
        yield


def serve(directory: Path) -> None:
    """Start a server, say where it is, and stop it when the standard input ends."""
    module: Any = importlib.import_module("tests.postgresql")  # Any: the project's own tests
    try:
        server = module.PostgreSQL.start(directory / "postgresql")
    except Exception as error:  # noqa: BLE001 - whoever waits for the server is told
        _answer(directory, {"error": " ".join(str(error).split())})
        return
    with server:
        _answer(directory, {"url": server.create_database("proofs")})
        with suppress(KeyboardInterrupt):
            sys.stdin.read()


def _answer(directory: Path, found: dict[str, str]) -> None:
    draft = directory / f"{_ANSWER}.draft"
    draft.write_text(json.dumps(found), encoding="utf-8")
    draft.rename(directory / _ANSWER)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
