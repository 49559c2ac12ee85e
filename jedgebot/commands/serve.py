"""`jedgebot serve`: the backend behind a production server."""

from typing import Annotated

import typer

from backend.core.rate_limits import AttemptLimits
from backend.core.settings import Settings, load_settings
from jedgebot import console, listening
from jedgebot.errors import Misuse
from jedgebot.readiness import require_at_head
from jedgebot.serving import cores, server_config


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8000,
    workers: Annotated[
        int | None,
        typer.Option(help="Processes that serve; one per core by default.", min=1, max=256),
    ] = None,
    reload: Annotated[
        bool, typer.Option("--reload", help="Start again when the code changes.")
    ] = False,
) -> None:
    """Serve the backend. On Ctrl-C or SIGTERM, requests in flight are finished first.

    Example: jedgebot serve --host 0.0.0.0 --port 80 --workers 4
    """
    if reload and workers is not None and workers > 1:
        raise Misuse("--reload serves with one worker", "leave out --reload or --workers")
    settings = _usable_settings()
    config = server_config(settings, workers=1 if reload else workers or cores(), reload=reload)
    with listening.bind(host, port) as listener:
        console.out(f"Serving on {listening.url(listener)}. Ctrl-C ends it.")
        listening.run(config, listener)


def _usable_settings() -> Settings:
    """Fail here, in two lines, rather than in each worker."""
    settings = load_settings()
    _ = settings.signing_key
    AttemptLimits(settings)
    require_at_head(settings)
    return settings
