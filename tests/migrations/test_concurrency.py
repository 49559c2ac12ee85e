"""Several migrations of one database at one time, and migrations beside the application."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from alembic import command

from backend.core.engine import make_engine
from backend.core.migrations import MigrationError
from backend.core.revisions import current
from tests.migrations.catalogue import catalogue, driver_url, rows, run
from tests.migrations.project import Project

PROCESSES = 8


def test_parallel_upgrades_all_succeed_and_apply_once(
    project: Project, empty_url: str, tmp_path: Path
) -> None:
    project.revision("first", "op.create_table('applied', sa.Column('revision', sa.Text()))")
    project.begin_together(PROCESSES)
    names = ["second", "third", "fourth"]
    for name in names:
        project.revision(
            name,
            f"op.create_table('{name}', sa.Column('id', sa.Integer(), primary_key=True))\n"
            f"op.execute(\"INSERT INTO applied VALUES ('{name}')\")",
        )
    output = tmp_path / "output"
    processes = [project.forked(empty_url, output, "upgrade", "head") for _ in range(PROCESSES)]
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0] * PROCESSES, output.read_text()
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


def test_a_lock_file_that_cannot_be_made_is_said(project: Project, tmp_path: Path) -> None:
    (tmp_path / "x.db.migration-lock").mkdir()
    with pytest.raises(MigrationError, match=r"x\.db\.migration-lock cannot be used"):
        project.upgrade(f"sqlite:///{tmp_path / 'x.db'}")


def test_commands_that_only_read_do_not_wait(project: Project, empty_url: str) -> None:
    project.revision("first", "op.create_table('t', sa.Column('id', sa.Integer()))")
    project.upgrade(empty_url)
    with migrating(project, empty_url):
        project.limit(migration_lock_seconds=0.1)
        command.current(project.config(empty_url))
        assert current(empty_url) == {"first"}


def test_a_waiting_migration_holds_no_snapshot(project: Project, postgresql_url: str) -> None:
    """Else CREATE INDEX CONCURRENTLY, in the migration that runs, would wait for it."""
    run(postgresql_url, "CREATE TABLE t (id int)")
    with migrating(project, postgresql_url):
        waiting = project.start(postgresql_url, "upgrade", "head")
        with psycopg.connect(driver_url(postgresql_url), autocommit=True) as connection:
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


def test_foreign_keys_act_again_on_a_connection_that_is_given(
    project: Project, sqlite_url: str
) -> None:
    project.revision("first", "op.create_table('t', sa.Column('id', sa.Integer()))")
    engine = make_engine(sqlite_url, pool_size=1)
    config = project.config(sqlite_url)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
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
