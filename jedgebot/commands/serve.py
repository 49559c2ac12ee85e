"""`jedgebot serve`: the backend behind a production server."""

import os
import socket
from contextlib import closing
from typing import Annotated

import typer
import uvicorn

from backend.core.settings import load_settings
from jedgebot import console
from jedgebot.errors import Failure, Misuse
from jedgebot.readiness import require_at_head

GRACEFUL_SHUTDOWN_SECONDS = 30


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="Processes that serve.", min=1, max=256)] = 1,
    reload: Annotated[
        bool, typer.Option("--reload", help="Start again when the code changes.")
    ] = False,
) -> None:
    """Serve the backend. On Ctrl-C or SIGTERM, requests in flight are finished first.

    Example: jedgebot serve --host 0.0.0.0 --port 80 --workers 4
    """
    if reload and workers > 1:
        raise Misuse("--reload serves with one worker", "leave out --reload or --workers")
    _require_usable_settings()
    _require_free(host, port)
    console.out(f"Serving on http://{host}:{port}. Ctrl-C ends it.")
    uvicorn.run(
        "backend.main:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        reload=reload,
        reload_dirs=["backend"] if reload else None,
        # Both are left out on Windows, where uvicorn then takes what there is.
        loop="auto",
        http="auto",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_SECONDS,
    )


def _require_usable_settings() -> None:
    """Fail here, in two lines, rather than in each worker."""
    settings = load_settings()
    _ = settings.signing_key
    require_at_head(settings)


def _require_free(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with closing(socket.socket(family, kind, protocol)) as probe:
            if os.name == "posix":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise Failure(
            f"cannot listen on {host} port {port}: {error.strerror or error}",
            "choose another with --host or --port",
        ) from None
