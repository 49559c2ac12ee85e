"""What Alembic runs for every command; the work is in `backend.core.migrations`."""

from sqlalchemy import MetaData

from backend.core.migrations.environment import run


def load_models() -> MetaData:
    """The metadata of every table."""
    from backend.models import metadata  # noqa: PLC0415 - most commands do without the models

    return metadata


run(load_models)
