"""The backend as a process of its own, for tests that need a real socket."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from jedgebot.serving import APPLICATION

PROJECT_ROOT = Path(__file__).resolve().parents[2]
# What `jedgebot serve` does, for any application.
_SERVE = """
import sys
from backend.core.settings import load_settings
from jedgebot import listening
from jedgebot.serving import server_config
application, port, workers = sys.argv[1:]
config = server_config(load_settings(), workers=int(workers), application=application)
listening.run(config, listening.bind("127.0.0.1", int(port)))
"""


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def environment_of(database_url: str, settings: Mapping[str, object]) -> dict[str, str]:
    """The environment of a server on this database, with further settings by their names."""
    return {
        **os.environ,
        "JEDGEBOT_DATABASE_URL": database_url,
        "JEDGEBOT_SECRET_KEY": "a key of the tests, with more than 32 bytes",
        **{f"JEDGEBOT_{name.upper()}": str(value) for name, value in settings.items()},
    }


@dataclass(frozen=True)
class Server:
    """A server that runs; `process_id` is that of the parent of its workers, if it has several."""

    port: int
    process_id: int

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serving(database_url: str, log: Path, **settings: str) -> Iterator[str]:
    """Serve the database on a free port; give the base URL.

    Raises:
        RuntimeError: the server has ended, or did not answer within a minute.
    """
    with running(APPLICATION, database_url, log, 1, **settings) as server:
        yield server.url


@contextmanager
def running(
    application: str, database_url: str, log: Path, workers: int, /, **settings: str
) -> Iterator[Server]:
    """Run an application's factory on the database, as `jedgebot serve` does.

    Raises:
        RuntimeError: the server has ended, or did not answer within a minute.
    """
    port = free_port()
    command = [sys.executable, "-c", _SERVE, application, str(port), str(workers)]
    with (
        log.open("w") as output,
        subprocess.Popen(
            command,
            cwd=PROJECT_ROOT,
            env=environment_of(database_url, settings),
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            server = Server(port, process.pid)
            wait_until_served(server.url, process, log)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_until_served(base_url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until a server answers.

    Raises:
        RuntimeError: it has ended, or did not answer within a minute.
    """
    deadline = time.monotonic() + 60
    # One client for all questions: to make one costs more than a question does.
    with httpx2.Client(base_url=base_url) as client:
        while process.poll() is None and time.monotonic() < deadline:
            try:
                if client.get("/healthz").status_code == 200:
                    return
            except httpx2.TransportError:
                time.sleep(0.05)
    raise RuntimeError(f"The server did not start:\n{log.read_text()}")
