"""Whether the configured database can be worked with."""

from sqlalchemy.exc import SQLAlchemyError

from backend.core.revisions import current, script_heads
from backend.core.settings import Settings
from jedgebot.errors import Failure


def require_at_head(settings: Settings) -> None:
    """Let a command go on only if the database can be reached and its schema is at head.

    Raises:
        Failure: it cannot, or it is not.
    """
    try:
        at_head = current(settings.database_url) == script_heads()
    except SQLAlchemyError:
        raise Failure(
            "the database cannot be reached.",
            "Start it, or set JEDGEBOT_DATABASE_URL (docs/settings.md).",
        ) from None
    if not at_head:
        raise Failure("the database is not at head.", "Run: .venv/bin/alembic upgrade head")
