"""Runs uvicorn on a socket that several handles listen on."""

import sys
from contextlib import suppress
from importlib.util import find_spec

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import ChangeReload, Multiprocess

UVLOOP_HANDLES = 16


def run(config: uvicorn.Config) -> None:
    """Serve until a signal ends it.

    uvloop takes one new connection per handle in a turn of its loop, and a turn answers every
    connection that has sent something: beside some hundred busy ones, each new connection would
    wait for all those before it, a turn each, health checks included.

    Raises:
        SystemExit: the only worker did not start.
    """
    listener = config.bind_socket()
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
