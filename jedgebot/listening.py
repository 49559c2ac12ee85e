"""Listens on an address, and runs uvicorn there with several handles."""

import os
import socket
import sys
from contextlib import suppress
from importlib.util import find_spec

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import ChangeReload

from jedgebot.errors import Failure, Terminated

# macOS can fork, but its own libraries must not be used afterwards.
if sys.platform == "linux":
    from jedgebot.forking import ForkingSupervisor as Supervisor
else:
    from uvicorn.supervisors import Multiprocess as Supervisor

UVLOOP_HANDLES = 16


def bind(host: str, port: int) -> socket.socket:
    """A socket that is bound to the address; to any free port if the port is 0.

    uvicorn's own `bind_socket` logs a failure and ends the process.

    Raises:
        Failure: the address does not exist here, is taken, or is not allowed.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        # Of a name that has both, like localhost, the one that every client can use.
        family, kind, protocol, _, address = min(
            found, key=lambda entry: entry[0] != socket.AF_INET
        )
        listener = socket.socket(family, kind, protocol)
        try:
            if os.name == "posix":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError:
            listener.close()
            raise
    except (OSError, UnicodeError) as error:  # the latter for a name that no host can have
        reason = getattr(error, "strerror", None) or error
        raise Failure(
            f"cannot listen on {host} port {port}: {reason}",
            "choose another with --host or --port",
        ) from None
    return listener


def url(listener: socket.socket) -> str:
    """Where a bound socket is, as an address for a browser."""
    host, port = listener.getsockname()[:2]
    return (
        f"http://[{host}]:{port}" if listener.family == socket.AF_INET6 else f"http://{host}:{port}"
    )


def run(config: uvicorn.Config, listener: socket.socket) -> None:
    """Serve on a bound socket until SIGINT or SIGTERM ends it, then return.

    uvloop takes one new connection per handle in a turn of its loop, and a turn answers every
    connection that has sent something: beside some hundred busy ones, each new connection would
    wait for all those before it, a turn each, health checks included.

    Raises:
        Failure: a worker did not start.
    """
    more = UVLOOP_HANDLES - 1 if find_spec("uvloop") else 0
    handles = [listener, *(listener.dup() for _ in range(more))]
    if config.should_reload:
        ChangeReload(config, target=uvicorn.Server(config).run, sockets=handles).run()
        started = True
    elif config.workers > 1:
        started = _run_workers(config, handles)
    else:
        started = _run_here(uvicorn.Server(config), handles)
    if not started:
        raise Failure("the server did not start", "its log, above, says why")


def _run_workers(config: uvicorn.Config, handles: list[socket.socket]) -> bool:
    """Serve in several processes; tell whether they started."""
    try:
        supervisor = Supervisor(config, handles)
    except SystemExit:  # uvicorn has logged why there is no such application
        return False
    supervisor.run()
    return all(worker.exitcode != STARTUP_FAILURE for worker in supervisor.processes)


def _run_here(server: uvicorn.Server, handles: list[socket.socket]) -> bool:
    """Serve in this process; tell whether it started."""
    try:
        # uvicorn ends the process when the application does not start.
        with suppress(SystemExit):
            server.run(handles)
    except (KeyboardInterrupt, Terminated):
        # uvicorn sends itself the signal once more after a graceful end.
        if not server.should_exit:
            raise
    return server.started
