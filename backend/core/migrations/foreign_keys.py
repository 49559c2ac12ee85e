"""Foreign keys on SQLite while migrations run: not enforced, but checked before each commit.

SQLite cannot rebuild a table whose foreign keys it enforces: dropping the old table deletes,
by ON DELETE CASCADE, the rows that refer to it (https://sqlite.org/lang_altertable.html).
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from alembic.runtime.migration import MigrationContext, MigrationInfo
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from backend.core.migrations.connections import driver, live
from backend.core.migrations.errors import ForeignKeysBroken

# What cannot break a reference: to check all rows of all tables for it would take long.
_HARMLESS = re.compile(
    r"\s*(BEGIN|CREATE|PRAGMA|RELEASE|SAVEPOINT|SELECT"
    r"|(INSERT INTO|UPDATE|DELETE FROM) alembic_version\w*)\b",
    re.IGNORECASE,
)
_TO_CHECK = "foreign keys to check"


@contextmanager
def not_enforced(connection: Connection) -> Iterator[None]:
    """Leave foreign keys unenforced; the connection must not be in a transaction."""
    raw = driver(connection)
    before = raw.execute("PRAGMA foreign_keys").fetchone()[0]
    raw.execute("PRAGMA foreign_keys = OFF")
    connection.info[_TO_CHECK] = False
    event.listen(connection, "before_cursor_execute", _note)
    try:
        yield
    finally:
        event.remove(connection, "before_cursor_execute", _note)
        del connection.info[_TO_CHECK]
        connection.rollback()
        raw.execute(f"PRAGMA foreign_keys = {before}")


def check_foreign_keys(
    ctx: MigrationContext, step: MigrationInfo, heads: Collection[Any], run_args: Mapping[str, Any]
) -> None:
    """Alembic's `on_version_apply`: refuse to commit a step that leaves a reference dangling.

    Raises:
        ForeignKeysBroken: rows refer to rows that do not exist.
    """
    connection = live(ctx.connection)
    # Nothing was noted on a connection that was given in the middle of a transaction.
    if not connection.info.get(_TO_CHECK, True):
        return
    try:
        found = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    except OperationalError as error:
        raise ForeignKeysBroken(
            f"A foreign key refers to no unique column: {error.orig}"
        ) from error
    if found:
        broken = Counter(f"{table} to {parent}" for table, _row, parent, _key in found)
        counts = ", ".join(f"{count} from {pair}" for pair, count in sorted(broken.items()))
        raise ForeignKeysBroken(
            f"Rows would refer to rows that do not exist: {counts}. Foreign keys are not enforced "
            "while SQLite migrates, so a revision deletes the referring rows itself."
        )
    if _TO_CHECK in connection.info:
        connection.info[_TO_CHECK] = False


def _note(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
    if not _HARMLESS.match(statement):
        connection.info[_TO_CHECK] = True
