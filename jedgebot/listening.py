"""Listens on an address, and runs uvicorn there with several handles."""

import os
import socket
import sys
from contextlib import suppress
from importlib.util import find_spec

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import ChangeReload, Multiprocess

from jedgebot.errors import Failure

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
    """Serve on a bound socket until a signal ends it.

    uvloop takes one new connection per handle in a turn of its loop, and a turn answers every
    connection that has sent something: beside some hundred busy ones, each new connection would
    wait for all those before it, a turn each, health checks included.

    Raises:
        SystemExit: the only worker did not start.
    """
    more = UVLOOP_HANDLES - 1 if find_spec("uvloop") else 0
    handles = [listener, *(listener.dup() for _ in range(more))]
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):
        if config.should_reload:
            ChangeReload(config, target=server.run, sockets=handles).run()
        elif config.workers > 1:
            Multiprocess(config, sockets=handles).run()
        else:
            server.run(handles)
            if not server.started:
                sys.exit(STARTUP_FAILURE)
