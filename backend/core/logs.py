"""Structured logs, one JSON object a line, each with the id of its request."""

import logging
import sys
from contextvars import ContextVar

from backend.core.quiet_imports import without

with without("rich"), without("rich.traceback"):
    # structlog imports both to write for people, which is not done here: 4 MiB of each worker,
    # and 1.4 to 2.3 where `jedgebot serve` has imported the first one already.
    import structlog

current_request_id: ContextVar[bytes | None] = ContextVar("current_request_id", default=None)
"""The id of the request that is being worked on; it stands in every line logged meanwhile."""

log: structlog.stdlib.BoundLogger = structlog.get_logger("jedgebot")


def configure_logs(level: str) -> None:
    """Send everything that is logged, by libraries too, to standard error as JSON."""
    shared: list[structlog.typing.Processor] = [
        _add_request_id,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Without local variables: a password may be among them.
        structlog.processors.ExceptionRenderer(
            structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        ),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.set_name("jedgebot")
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [h for h in root.handlers if h.name != handler.name] + [handler]
    root.setLevel(level.upper())


def _add_request_id(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    request_id = current_request_id.get()
    if request_id is not None:
        event["request_id"] = request_id.decode()
    return event
