"""The session in which migrations run on PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, event
from sqlalchemy.exc import ProgrammingError

from backend.core.migrations.limits import Limits

_DEADLOCK_TIMEOUT_MILLISECONDS = 50
_EVERY_PATIENT_ATTEMPT = 5
_DEFAULT_DEADLOCK_TIMEOUT_MILLISECONDS = 1000
_UNLIMITED = ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout")


@contextmanager
def unlimited_session(connection: Connection) -> Iterator[None]:
    """Lift the limits that the application's sessions have, for as long as migrations run."""
    before = {name: _setting(connection, name) for name in _UNLIMITED}
    for name in _UNLIMITED:
        _set(connection, name, "0")
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        if not connection.invalidated:
            for name, value in before.items():
                _set(connection, name, value)
            connection.commit()


@contextmanager
def short_lock_waits(
    connection: Connection, limits: Limits, attempt: Callable[[], int]
) -> Iterator[None]:
    """Let no statement of a transaction wait long for a lock.

    PostgreSQL stops an autovacuum that is in the way only after the statement has waited for
    `deadlock_timeout`, 1 second by default, so with a shorter `lock_timeout` alone a table under
    autovacuum is never altered. Where the role may not set `deadlock_timeout`, every fifth
    attempt waits longer than it.
    """
    may_set = _may_set_deadlock_timeout(connection)
    patient = _DEFAULT_DEADLOCK_TIMEOUT_MILLISECONDS
    if not may_set:
        patient = _milliseconds(connection, "deadlock_timeout")

    def set_timeouts(begun: Connection) -> None:
        timeout = limits.lock_timeout_milliseconds
        if may_set:
            deadlock = min(_DEADLOCK_TIMEOUT_MILLISECONDS, max(1, timeout // 2))
            _set(begun, "deadlock_timeout", f"{deadlock}ms", local=True)
        elif attempt() % _EVERY_PATIENT_ATTEMPT == _EVERY_PATIENT_ATTEMPT - 1:
            timeout += patient
        _set(begun, "lock_timeout", f"{timeout}ms", local=True)

    event.listen(connection, "begin", set_timeouts)
    try:
        yield
    finally:
        event.remove(connection, "begin", set_timeouts)


def _may_set_deadlock_timeout(connection: Connection) -> bool:
    try:
        _set(connection, "deadlock_timeout", "1s", local=True)
    except ProgrammingError:
        return False
    else:
        return True
    finally:
        connection.rollback()


def _milliseconds(connection: Connection, name: str) -> int:
    sql = "SELECT setting::int FROM pg_settings WHERE name = %s"
    value: int = connection.exec_driver_sql(sql, (name,)).scalar_one()
    connection.rollback()
    return value


def _setting(connection: Connection, name: str) -> str:
    value: str = connection.exec_driver_sql(f"SHOW {name}").scalar_one()
    return value


def _set(connection: Connection, name: str, value: str, *, local: bool = False) -> None:
    connection.exec_driver_sql("SELECT set_config(%s, %s, %s)", (name, value, local))
