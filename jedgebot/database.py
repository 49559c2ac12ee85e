"""The database as a command uses it: in one transaction, as a request does."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from backend.core.engine import make_engine
from backend.core.settings import Settings
from jedgebot.errors import Failure
from jedgebot.readiness import require_at_head


@contextmanager
def transaction(settings: Settings, *, writing: bool = True) -> Iterator[Session]:
    """A session whose transaction is committed after the block, and rolled back if that raises.

    Raises:
        Failure: the database cannot be reached, is not at head, or did not do what it was asked.
    """
    require_at_head(settings)
    engine = make_engine(settings.database_url)
    begins = engine.execution_options(sqlite_begin="IMMEDIATE" if writing else "DEFERRED")
    try:
        with Session(begins, expire_on_commit=False) as db, db.begin():
            yield db
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0].rstrip(".")
        raise Failure(
            f"the database did not do it: {reason}.",
            "Nothing was stored. Try again when nobody else writes to it for long.",
        ) from None
    finally:
        engine.dispose()
