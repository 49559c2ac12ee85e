"""Runs the revisions of one command, each in its transaction, again while a lock is taken."""

import random
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError

from backend.core.migrations.errors import TableStayedLocked
from backend.core.migrations.limits import Limits

PlanSteps = Callable[[tuple[str, ...], MigrationContext], Iterable[Any]]

# lock_not_available and deadlock_detected (https://www.postgresql.org/docs/current/errcodes-appendix.html)
_LOCKED = frozenset({"55P03", "40P01"})
_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 1.0


class Steps:
    """The steps of one command, planned once: each is given again until it is committed.

    To plan anew after a failure would be wrong for a target such as `+2`, which counts from
    where the database is.
    """

    def __init__(self, plan: PlanSteps, connection: Connection, limits: Limits) -> None:
        self._plan = plan
        self._connection = connection
        self._limits = limits
        self._steps: deque[Any] | None = None
        self._committed = False
        self._begin_step()

    def __call__(self, heads: tuple[str, ...], context: MigrationContext) -> Iterator[Any]:
        """What Alembic asks for its steps."""
        if self._steps is None:
            self._steps = deque(self._plan(heads, context))
            self._begin_step()
        while self._steps:
            self._committed = False
            yield self._steps[0]
            self._steps.popleft()
            self._begin_step()

    def run(self, run_migrations: Callable[[], None]) -> None:
        """Run the steps that are left until none is.

        Raises:
            TableStayedLocked: a step met a lock for as long as the limits allow, or after it
                had committed a part of its work.
        """
        event.listen(self._connection, "commit", self._note_commit)
        try:
            while True:
                try:
                    return run_migrations()
                except DBAPIError as error:
                    if not _met_a_lock(error):
                        raise
                    self._connection.rollback()
                    self._pause(error)
        finally:
            event.remove(self._connection, "commit", self._note_commit)

    def _begin_step(self) -> None:
        self._started = time.monotonic()
        self.attempt = 0

    def _note_commit(self, _connection: Connection) -> None:
        self._committed = True

    def _pause(self, error: DBAPIError) -> None:
        if self._committed:
            raise TableStayedLocked(
                "A revision met a lock after its autocommit_block() had committed a part of it. "
                f"Undo that part, then run the command again. {error.orig}"
            ) from error
        self.attempt += 1
        longest = min(_FIRST_PAUSE_SECONDS * 2**self.attempt, _LONGEST_PAUSE_SECONDS)
        pause = random.uniform(longest / 2, longest)  # noqa: S311 - no secret
        if time.monotonic() + pause - self._started > self._limits.lock_retry_seconds:
            raise TableStayedLocked(
                f"A lock was not free in {self.attempt} attempts over "
                f"{self._limits.lock_retry_seconds:g} seconds; nothing was changed. "
                f"{error.orig} {_holders(self._connection)}"
            ) from error
        time.sleep(pause)


def _met_a_lock(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.OperationalError):
        return error.orig.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    return getattr(error.orig, "sqlstate", None) in _LOCKED


def _holders(connection: Connection) -> str:
    """Name the transactions that have been open longest, where the server tells."""
    if connection.dialect.name != "postgresql":
        return ""
    with connection.begin():
        rows = connection.exec_driver_sql(
            "SELECT pid, state, application_name, date_trunc('second', now() - xact_start)"
            " FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
            " ORDER BY xact_start LIMIT 3"
        ).all()
    open_for = [f"pid {pid} ({state}, {name!r}, {age})" for pid, state, name, age in rows]
    return f"Open transactions: {', '.join(open_for) or 'none now'}."
