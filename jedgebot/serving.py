"""How the backend is served: the one configuration of uvicorn, for people and for proofs."""

import os
from importlib.util import find_spec

import uvicorn

from backend.core.settings import Settings

SECONDS_BEYOND_A_REQUEST = 10
"""How much longer than its longest request a worker has to shut down."""


APPLICATION = "backend.main:create_app"


def server_config(
    settings: Settings, *, workers: int, reload: bool = False, application: str = APPLICATION
) -> uvicorn.Config:
    """The configuration of a server of the backend.

    Args:
        settings: those that its workers will read for themselves.
        workers: processes that serve.
        reload: whether it starts again when the code changes.
        application: the factory of what is served, by its module and name.
    """
    return uvicorn.Config(
        application,
        factory=True,
        workers=workers,
        reload=reload,
        reload_dirs=["backend"] if reload else None,
        # On Windows there are neither, and uvicorn takes what there is.
        loop="auto",
        http="jedgebot.http_protocol:GuardedProtocol" if find_spec("httptools") else "auto",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=settings.client_timeout_seconds,
        timeout_graceful_shutdown=settings.request_timeout_seconds + SECONDS_BEYOND_A_REQUEST,
    )


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
