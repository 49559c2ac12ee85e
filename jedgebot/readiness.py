"""Whether the configured databases can be worked with."""

from sqlalchemy.exc import SQLAlchemyError

from backend.core.revisions import current, script_databases, script_heads
from backend.core.settings import Settings, database_setting
from jedgebot.errors import Failure


def require_at_head(settings: Settings) -> None:
    """Let a command go on only if every database can be reached and its schema is at head.

    Raises:
        SettingsError: the settings do not say where one is.
        Failure: one cannot be reached, or it is not at head.
    """
    for database in script_databases():
        shown = f"the database {database}" if database else "the database"
        try:
            found = current(settings.database_url_of(database), database)
        except SQLAlchemyError:
            raise Failure(
                f"{shown} cannot be reached.",
                f"Start it, or set {database_setting(database)} (docs/settings.md).",
            ) from None
        if found != script_heads(database=database):
            raise Failure(f"{shown} is not at head.", "Run: .venv/bin/alembic upgrade heads")
