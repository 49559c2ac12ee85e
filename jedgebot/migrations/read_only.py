"""An engine that reads a database and leaves no trace in it, nor beside its file."""

import sqlite3
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url

from backend.core.engine import BUSY_TIMEOUT_SECONDS, make_engine


def read_only_engine(url: str) -> Engine | None:
    """An engine for a database that is only read; None for a SQLite file that is not there.

    Raises:
        SettingsError: the address cannot be used.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return make_engine(url, pool_size=1).execution_options(postgresql_readonly=True)
    path = Path(parsed.database).absolute()
    if not path.is_file():
        return None
    log = path.with_name(f"{path.name}-wal")

    def connect() -> sqlite3.Connection:
        # Without a write-ahead log the file is all there is; opened so, SQLite makes no files
        # beside it, as it does even for a reader.
        mode = "mode=ro" if log.exists() and log.stat().st_size else "immutable=1"
        address = f"{path.as_uri()}?{mode}"
        return sqlite3.connect(address, uri=True, timeout=BUSY_TIMEOUT_SECONDS)

    return create_engine("sqlite://", creator=connect)
