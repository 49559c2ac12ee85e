"""Migrations beside the application: who waits for whom, and for how long."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import Connection, Engine, event, make_url

from backend.core.engine import make_engine
from backend.core.migrations import MigrationError
from backend.core.revisions import current
from tests.migrations.catalogue import catalogue, driver_url, run
from tests.migrations.project import Project


@contextmanager
def holding(url: str, statement: str, seconds: float) -> Iterator[None]:
    """A transaction of the application holds a lock for a while."""
    held = threading.Event()

    def hold() -> None:
        engine = make_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql(statement)
            held.set()
            time.sleep(seconds)
        engine.dispose()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    try:
        yield
    finally:
        thread.join()


@contextmanager
def reading(url: str) -> Iterator[list[float]]:
    """The application reads table t all the time; gives how long each read took."""
    took: list[float] = []
    stop = threading.Event()

    def read() -> None:
        with psycopg.connect(driver_url(url), autocommit=True) as connection:
            while not stop.is_set():
                started = time.monotonic()
                connection.execute("SELECT count(*) FROM t").fetchone()
                took.append(time.monotonic() - started)
                time.sleep(0.005)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield took
    finally:
        stop.set()
        thread.join()


def test_an_open_transaction_delays_the_migration_and_not_the_application(
    project: Project, postgresql_url: str
) -> None:
    run(postgresql_url, "CREATE TABLE t (id int)")
    project.revision("alter", "op.add_column('t', sa.Column('a', sa.Integer()))")
    started = time.monotonic()
    with reading(postgresql_url) as took, holding(postgresql_url, "SELECT * FROM t", 2):
        project.upgrade(postgresql_url)
        assert time.monotonic() - started > 1.9, "the lock was held for so long"
    assert ("column", "t", "a", "integer") in catalogue(postgresql_url)
    assert max(took) < 1, "without a lock timeout a read waits for 2 seconds"


def test_an_open_transaction_that_stays_is_named(project: Project, postgresql_url: str) -> None:
    run(postgresql_url, "CREATE TABLE t (id int)")
    before = catalogue(postgresql_url)
    project.revision("alter", "op.add_column('t', sa.Column('a', sa.Integer()))")
    project.limit(lock_retry_seconds=0.8)
    with (
        holding(postgresql_url, "SELECT * FROM t", 2.5),
        pytest.raises(MigrationError, match=r"over 0\.8 seconds.*pid \d+ \(idle in transaction"),
    ):
        project.upgrade(postgresql_url)
    assert catalogue(postgresql_url) == before


def test_a_relative_target_means_the_same_after_a_retry(
    project: Project, postgresql_url: str
) -> None:
    run(postgresql_url, "CREATE TABLE t (id int)")
    for number in range(1, 5):
        table = "t" if number == 2 else "alembic_version"
        project.revision(
            f"r{number}", f"op.execute('ALTER TABLE {table} ADD COLUMN c{number} int')"
        )
    with holding(postgresql_url, "SELECT * FROM t", 1):
        project.upgrade(postgresql_url, "+2")
    assert current(postgresql_url) == {"r2"}


def test_a_writer_delays_a_migration_on_sqlite(
    project: Project, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(sqlite_url, "CREATE TABLE t (id int)")
    project.revision("alter", "op.add_column('t', sa.Column('a', sa.Integer()))")
    monkeypatch.setattr("backend.core.engine.BUSY_TIMEOUT_SECONDS", 0.1)
    with holding(sqlite_url, "INSERT INTO t VALUES (1)", 1):
        project.upgrade(sqlite_url)
    assert current(sqlite_url) == {"alter"}


def test_a_revision_that_committed_a_part_is_not_run_again(
    project: Project, postgresql_url: str
) -> None:
    run(postgresql_url, "CREATE TABLE t (id int)")
    project.revision(
        "mixed",
        "with op.get_context().autocommit_block():\n    op.execute('CREATE TABLE once ()')\n"
        "op.add_column('t', sa.Column('a', sa.Integer()))",
    )
    with (
        holding(postgresql_url, "SELECT * FROM t", 1),
        pytest.raises(MigrationError, match="had committed a part"),
    ):
        project.upgrade(postgresql_url)


@pytest.fixture
def owner_url(postgresql_url: str) -> Iterator[str]:
    """The database, as a role that owns it and may nothing more."""
    database = make_url(postgresql_url).database
    role = f"owner_of_{database}"
    run(
        postgresql_url,
        f"CREATE ROLE {role} LOGIN PASSWORD 'secret'",
        f"ALTER DATABASE {database} OWNER TO {role}",
        f"ALTER SCHEMA public OWNER TO {role}",
    )
    url = make_url(postgresql_url).set(username=role, password="secret")
    yield url.render_as_string(hide_password=False)
    run(postgresql_url, f"REASSIGN OWNED BY {role} TO postgres", f"DROP ROLE {role}")


@pytest.fixture
def timeouts() -> Iterator[list[str]]:
    """The lock timeouts of the transactions that this process begins."""
    found: list[str] = []

    def note(
        _connection: Connection, _cursor: object, _sql: str, values: object, *_: object
    ) -> None:
        if isinstance(values, tuple) and (*values[:1], *values[2:]) == ("lock_timeout", True):
            found.append(values[1])

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


def test_a_role_without_the_right_to_set_deadlock_timeout_is_patient_now_and_then(
    project: Project, owner_url: str, timeouts: list[str]
) -> None:
    run(owner_url, "CREATE TABLE t (id int)")
    project.revision("alter", "op.add_column('t', sa.Column('a', sa.Integer()))")
    with holding(owner_url, "SELECT * FROM t", 3.5):
        project.upgrade(owner_url)
    assert timeouts[:6] == ["100ms"] * 4 + ["1100ms"] + ["100ms"]
    assert current(owner_url) == {"alter"}


def test_a_role_that_was_granted_it_sets_deadlock_timeout(
    project: Project, postgresql_url: str, owner_url: str, timeouts: list[str]
) -> None:
    role = make_url(owner_url).username
    run(owner_url, "CREATE TABLE t (id int)")
    run(postgresql_url, f"GRANT SET ON PARAMETER deadlock_timeout TO {role}")
    project.revision("alter", "op.add_column('t', sa.Column('a', sa.Integer()))")
    with holding(owner_url, "SELECT * FROM t", 3.5):
        project.upgrade(owner_url)
    run(postgresql_url, f"REVOKE SET ON PARAMETER deadlock_timeout FROM {role}")
    assert set(timeouts) == {"100ms"}


@pytest.fixture
def vacuumed_url(postgresql_url: str) -> Iterator[str]:
    """A database in which autovacuum is at work on table t, slowly."""
    with psycopg.connect(driver_url(postgresql_url), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET autovacuum_naptime = '1s'")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute(
            "CREATE TABLE t (id int, text text) WITH (autovacuum_vacuum_threshold = 1,"
            " autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 100,"
            " autovacuum_vacuum_cost_limit = 1)"
        )
        connection.execute(
            "INSERT INTO t SELECT i, repeat('x', 200) FROM generate_series(1, 9999) i"
        )
        connection.execute("DELETE FROM t WHERE id % 2 = 0")
        deadline = time.monotonic() + 60
        while not connection.execute(
            "SELECT 1 FROM pg_stat_progress_vacuum WHERE datname = current_database()"
        ).fetchone():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield postgresql_url
        connection.execute("ALTER SYSTEM RESET autovacuum_naptime")
        connection.execute("SELECT pg_reload_conf()")


def test_autovacuum_gives_way_at_once(project: Project, vacuumed_url: str) -> None:
    """A lock timeout that ends before deadlock_timeout would meet it again and again."""
    project.revision("alter", "op.add_column('t', sa.Column('a', sa.Integer()))")
    started = time.monotonic()
    project.upgrade(vacuumed_url)
    assert time.monotonic() - started < 2
    assert current(vacuumed_url) == {"alter"}
