"""`jedgebot serve` as a process of its own, and raw connections to it."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, create_engine

from tests.system.server import PROJECT_ROOT, environment_of, free_port, wait_until_served


@dataclass(frozen=True)
class Served:
    """A server that runs, and what it logs."""

    port: int
    process: subprocess.Popen[bytes]
    log_path: Path

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What it has logged and printed."""
        return self.log_path.read_text()

    def stop(self, seconds: float) -> float:
        """Send SIGTERM; give the seconds until it has ended, which are `seconds` at most."""
        started = time.monotonic()
        self.process.terminate()
        self.process.wait(seconds)
        return time.monotonic() - started

    def connected(self, receive_buffer: int | None = None) -> socket.socket:
        """A connection that nothing has been sent on."""
        connection = socket.socket()
        if receive_buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(15)
        connection.connect(("127.0.0.1", self.port))
        return connection


@contextmanager
def serve(database_url: str, directory: Path, workers: int, **settings: object) -> Iterator[Served]:
    """Run `jedgebot serve`; kill it at the end if it still runs.

    Raises:
        RuntimeError: it has ended, or did not answer within a minute.
    """
    port = free_port()
    log_path = directory / f"serve-{port}.log"
    command = [sys.executable, "-m", "jedgebot", "serve"]
    command += ["--port", str(port), "--workers", str(workers)]
    with (
        log_path.open("w") as output,
        subprocess.Popen(
            command,
            cwd=PROJECT_ROOT,
            env=environment_of(database_url, settings),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        served = Served(port, process, log_path)
        try:
            wait_until_served(served.url, process, log_path)
            yield served
        finally:
            if process.poll() is None:
                os.killpg(process.pid, 9)


@contextmanager
def locked(database_url: str, table: str) -> Iterator[Connection]:
    """Keep everybody else from writing to a table."""
    engine = create_engine(database_url)
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.exec_driver_sql(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
            yield connection
            connection.rollback()
    finally:
        engine.dispose()


def read_to_the_end(connection: socket.socket) -> bytes:
    """Everything until the server closes the connection, also by a reset."""
    received = b""
    while True:
        try:
            part = connection.recv(65_536)
        except ConnectionResetError:
            return received
        if not part:
            return received
        received += part


def problem_in(answer: bytes) -> dict[str, object]:
    """The problem that a raw HTTP answer carries."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head, answer
    problem: dict[str, object] = json.loads(body)
    assert str(problem["status"]).encode() == head.split()[1]
    return problem
