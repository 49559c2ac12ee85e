"""A contender's server as a process of its own."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from benchmarks.contenders import Contender, Launch
from tests.postgresql import free_port
from tests.postgresql_supervisor import die_with_parent

SECONDS_TO_START = 60.0
SECONDS_TO_STOP = 20.0


class ServerFailed(RuntimeError):
    """A server did not start, or did not answer; the message has the end of its log."""


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    contender: Contender
    launch: Launch
    port: int
    process_id: int
    workers: int


@contextmanager
def serving(contender: Contender, url: str, workers: int, log: Path) -> Iterator[Server]:
    """Start a contender, wait until it answers, stop it with all its processes at the end.

    Raises:
        PeerUnavailable: it cannot be run on this machine.
        ServerFailed: it did not start.
    """
    port = free_port()
    launch = contender.launch(url, port, workers)
    with log.open("w") as output:
        process = subprocess.Popen(
            launch.command,
            cwd=launch.directory,
            env={**os.environ, **launch.environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - no thread has been started
        )
    try:
        _wait_until_served(port, process, log)
        yield Server(contender, launch, port, process.pid, workers)
    finally:
        _stop(process)


def _wait_until_served(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < deadline:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except (OSError, HTTPException):
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
    end = log.read_text(errors="replace")[-2000:]
    raise ServerFailed(f"The server did not start. Its log ends with:\n{end}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
