"""Several migrations of one database at one time, and migrations beside the application."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from alembic import command
from sqlalchemy import Connection, Engine, event, make_url

from backend.core.database import make_engine
from backend.core.migrations import MigrationError, current
from tests.migrations.catalogue import catalogue, rows, run
from tests.migrations.project import Project

PROCESSES = 8


def test_parallel_upgrades_all_succeed_and_apply_once(project: Project, empty_url: str) -> None:
    project.revision("first", "op.create_table('applied', sa.Column('revision', sa.Text()))")
    names = ["second", "third", "fourth"]
    for name in names:
        project.revision(
            name,
            f"op.create_table('{name}', sa.Column('id', sa.Integer(), primary_key=True))\n"
            f"op.execute(\"INSERT INTO applied VALUES ('{name}')\")",
        )
    processes = [project.start(empty_url, "upgrade", "head") for _ in range(PROCESSES)]
    outputs = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * PROCESSES, outputs
    assert rows(empty_url, "SELECT revision FROM applied") == [(name,) for name in names]
    assert current(empty_url) == {"fourth"}


@contextmanager
def migrating(project: Project, url: str) -> Iterator[None]:
    """Another process is in the middle of a revision."""
    marker = project.directory / "go-on"
    project.revision(
        "slow",
        "import pathlib, time\n"
        f"pathlib.Path({str(project.directory / 'started')!r}).touch()\n"
        f"while not pathlib.Path({str(marker)!r}).exists():\n    time.sleep(0.02)",
    )
    process = project.start(url, "upgrade", "head")
    while not (project.directory / "started").exists():
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.02)
    try:
        yield
    finally:
        marker.touch()
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output


def test_who_waits_too_long_for_another_migration_is_told(project: Project, empty_url: str) -> None:
    with migrating(project, empty_url):
        project.limit(migration_lock_seconds=0.3)
        started = time.monotonic()
        with pytest.raises(MigrationError, match=r"migrating this database for 0\.3 seconds"):
            project.upgrade(empty_url)
        assert 0.3 <= time.monotonic() - started < 5


def test_commands_that_only_read_do_not_wait(project: Project, empty_url: str) -> None:
    project.revision("first", "op.create_table('t', sa.Column('id', sa.Integer()))")
    project.upgrade(empty_url)
    with migrating(project, empty_url):
        started = time.monotonic()
        command.current(project.config(empty_url))
        assert current(empty_url) == {"first"}
        assert time.monotonic() - started < 5


def test_a_waiting_migration_holds_no_snapshot(project: Project, postgresql_url: str) -> None:
    """Else CREATE INDEX CONCURRENTLY, in the migration that runs, would wait for it."""
    run(postgresql_url, "CREATE TABLE t (id int)")
    with migrating(project, postgresql_url):
        waiting = project.start(postgresql_url, "upgrade", "head")
        with psycopg.connect(plain(postgresql_url), autocommit=True) as connection:
            # Until the one that waits has connected.
            while not connection.execute(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state <> 'idle in transaction'"
            ).fetchone():
                assert waiting.poll() is None
                time.sleep(0.05)
            connection.execute("SET statement_timeout = '10s'")
            # The migration that runs is in a transaction, but without a snapshot.
            connection.execute("CREATE INDEX CONCURRENTLY i ON t (id)")
    output, _ = waiting.communicate(timeout=60)
    assert waiting.returncode == 0, output


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
        with psycopg.connect(plain(url), autocommit=True) as connection:
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
    monkeypatch.setattr("backend.core.database._BUSY_TIMEOUT_SECONDS", 0.1)
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
        if isinstance(values, tuple) and values[0] == "lock_timeout":
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


def test_a_migration_may_take_longer_than_a_request(project: Project, postgresql_url: str) -> None:
    project.revision(
        "limits",
        "op.execute('CREATE TABLE limits AS SELECT name, setting FROM pg_settings')\n"
        "with op.get_context().autocommit_block():\n"
        "    op.execute(\"INSERT INTO limits SELECT 'auto ' || name, setting FROM pg_settings\")",
    )
    project.upgrade(postgresql_url)
    limits = rows(postgresql_url, "SELECT name, setting FROM limits")
    found = {str(name): setting for name, setting in limits}
    assert found["statement_timeout"] == found["auto statement_timeout"] == "0"
    assert found["lock_timeout"] == "100"
    assert found["deadlock_timeout"] == "50"
    assert found["auto lock_timeout"] == "0", "CREATE INDEX CONCURRENTLY waits for transactions"


def test_a_connection_that_is_given_gets_its_settings_back(
    project: Project, postgresql_url: str
) -> None:
    project.revision("first", "op.create_table('t', sa.Column('id', sa.Integer()))")
    engine = make_engine(postgresql_url, pool_size=1)
    config = project.config(postgresql_url)
    with engine.connect() as connection:
        before = connection.exec_driver_sql("SHOW statement_timeout").scalar_one()
        connection.rollback()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        assert connection.exec_driver_sql("SHOW statement_timeout").scalar_one() == before
        locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        assert connection.exec_driver_sql(locks).scalar_one() == 0
    engine.dispose()


def test_a_transaction_that_is_given_decides_about_the_commit(
    project: Project, empty_url: str
) -> None:
    project.revision("first", "op.create_table('t', sa.Column('id', sa.Integer()))")
    engine = make_engine(empty_url, pool_size=1)
    config = project.config(empty_url)
    with engine.connect() as connection:
        connection.begin()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.rollback()
    engine.dispose()
    assert catalogue(empty_url) == []


def plain(url: str) -> str:
    """The address without SQLAlchemy's driver."""
    return url.replace("+psycopg", "")
