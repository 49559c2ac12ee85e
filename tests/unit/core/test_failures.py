"""What clients see when the database fails or two of them meet, in both forms of an operation."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import Connection, create_engine, select, text, update
from sqlalchemy.orm import Session

from backend.core import engine as core_engine
from backend.core.database import DbSession
from backend.core.lane import sqlite as lane_sqlite
from backend.core.prefix_index import PrefixIndex
from backend.core.routing import Router
from backend.core.settings import Settings
from backend.user_profiles.models import UserProfile
from backend.user_sessions.dependencies import CurrentUser
from tests.clients import Client

PATH = "/users/profile"
ONLY_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
ONLY_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DEEP = (
    "CREATE TABLE links (id INT PRIMARY KEY, above INT REFERENCES links ON DELETE CASCADE)",
    "CREATE INDEX links_above ON links (above)",
    """
    INSERT INTO links WITH RECURSIVE numbers(id) AS
    (SELECT 1 UNION ALL SELECT id + 1 FROM numbers WHERE id < 1010)
    SELECT id, nullif(id - 1, 0) FROM numbers
    """,
    "DELETE FROM links WHERE id = 1",
)
"""More rows below each other than SQLite follows."""
OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.fixture(params=[True, False], ids=["lane", "plain"])
def settings(
    request: pytest.FixtureRequest, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    monkeypatch.setattr(core_engine, "BUSY_TIMEOUT_SECONDS", 1)
    monkeypatch.setattr(lane_sqlite, "BUSY_TIMEOUT_SECONDS", 1)
    return Settings(
        database_url=database_url,
        secret_key=SecretStr("a key of the tests, with more than 32 bytes"),
        log_level="error",
        lane=request.param,
    )


class Outsider:
    """Another program that uses the same database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._is_sqlite = connection.dialect.name == "sqlite"

    def lock_profiles(self) -> None:
        """Let nobody change a profile."""
        if self._is_sqlite:
            self._connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            self._connection.execute(text("SELECT 1 FROM user_profiles FOR UPDATE"))

    def release(self) -> None:
        """End the transaction."""
        self._connection.rollback()

    def wait_for_writers(self, count: int) -> None:
        """Wait until so many of the application's connections wait for a lock."""
        if self._is_sqlite:
            time.sleep(0.3)  # nothing in SQLite tells who waits
            return
        waiting = f"SELECT count(*) {OTHERS} AND wait_event_type = 'Lock'"
        _until(lambda: self._other_value(waiting) >= count)

    def terminate(self) -> None:
        """End all of the application's connections."""
        self._other_value(f"SELECT count(pg_terminate_backend(pid)) {OTHERS} AND pid <> :mine")
        _until(lambda: self._other_value(f"SELECT count(*) {OTHERS} AND pid <> :mine") == 0)

    def _other_value(self, statement: str) -> int:
        mine = self._connection.scalar(text("SELECT pg_backend_pid()"))
        with self._connection.engine.connect() as other:
            bound = {"mine": mine} if ":mine" in statement else {}
            found: int = other.execute(text(statement), bound).scalar_one()
            return found


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def outsider(database_url: str) -> Iterator[Outsider]:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        yield Outsider(connection)
    engine.dispose()


@contextmanager
def profiles_locked(outsider: Outsider) -> Iterator[None]:
    outsider.lock_profiles()
    try:
        yield
    finally:
        outsider.release()


def test_of_two_who_change_the_same_version_one_is_told(alice: Client, outsider: Outsider) -> None:
    etag = alice.post(PATH, json={}).headers["etag"]

    def rename(name: str) -> httpx2.Response:
        return alice.patch(PATH, json={"display_name": name}, headers={"If-Match": etag})

    with ThreadPoolExecutor(2) as pool:
        with profiles_locked(outsider):
            answers: list[Future[httpx2.Response]] = [
                pool.submit(rename, name) for name in ("Ann", "Bea")
            ]
            outsider.wait_for_writers(2)
        found = {answer.result().status_code: answer.result() for answer in answers}
    assert sorted(found) == [200, 412]
    assert alice.get(PATH).json() == found[200].json()


def test_of_two_who_change_without_a_condition_the_second_adds_to_the_first(
    alice: Client, outsider: Outsider
) -> None:
    alice.post(PATH, json={})
    changes = [{"display_name": "Ann"}, {"timezone": "Europe/Berlin"}]
    with ThreadPoolExecutor(2) as pool:
        with profiles_locked(outsider):
            answers = [pool.submit(alice.patch, PATH, json=change) for change in changes]
            outsider.wait_for_writers(2)
        assert [answer.result().status_code for answer in answers] == [200, 200]
    profile = alice.get(PATH).json()
    assert (profile["display_name"], profile["timezone"]) == ("Ann", "Europe/Berlin")
    assert profile["version"] == 3


@ONLY_POSTGRESQL
def test_closed_connections_are_replaced(alice: Client, outsider: Outsider) -> None:
    alice.post(PATH, json={})
    assert alice.get("/users/me").status_code == 200
    outsider.terminate()
    time.sleep(0.1)
    assert alice.patch(PATH, json={"display_name": "Ann"}).status_code == 200
    assert alice.get("/users/me").status_code == 200


@ONLY_POSTGRESQL
def test_a_write_whose_connection_is_ended_is_503(alice: Client, outsider: Outsider) -> None:
    alice.post(PATH, json={})
    with ThreadPoolExecutor(1) as pool, profiles_locked(outsider):
        answer = pool.submit(alice.patch, PATH, json={"display_name": "Ann"})
        outsider.wait_for_writers(1)
        outsider.terminate()
        refused = answer.result()
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "1"
    assert alice.get(PATH).json()["display_name"] is None


@ONLY_SQLITE
def test_a_write_that_gets_no_lock_in_time_is_503(alice: Client, outsider: Outsider) -> None:
    alice.post(PATH, json={})
    with profiles_locked(outsider):
        assert alice.get(PATH).status_code == 200
        refused = alice.patch(PATH, json={"display_name": "Ann"})
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "1"
    assert alice.patch(PATH, json={"display_name": "Ann"}).status_code == 200


def test_a_row_that_changed_since_it_was_read_is_409(app: FastAPI, alice: Client) -> None:
    """Where a service forgot `for_update`, the version still guards the row."""
    router = Router()

    @router.post("")
    def rename(db: DbSession, user: CurrentUser) -> None:
        profile = db.scalars(select(UserProfile).where(UserProfile.user_id == user.id)).one()
        _change_behind_its_back(db)
        profile.display_name = "Ann"
        db.flush()

    app.include_router(router, prefix="/rename")
    app.state.prefix_index = PrefixIndex(app.router)
    app.router.middleware_stack = app.state.prefix_index
    alice.post(PATH, json={})
    answer = alice.post("/rename")
    assert answer.status_code == 409
    assert "at the same time" in answer.json()["detail"]
    assert alice.get(PATH).json()["display_name"] is None


@ONLY_SQLITE
def test_a_deletion_that_takes_too_many_rows_below_each_other_is_409(
    app: FastAPI, alice: Client
) -> None:
    router = Router()

    @router.post("")
    def prune(db: DbSession, _user: CurrentUser) -> None:
        for statement in DEEP:
            db.execute(text(statement))

    app.include_router(router, prefix="/prune")
    app.state.prefix_index = PrefixIndex(app.router)
    app.router.middleware_stack = app.state.prefix_index
    answer = alice.post("/prune")
    assert answer.status_code == 409, answer.text
    assert "delete the lowest first" in answer.json()["detail"]


def _change_behind_its_back(db: Session) -> None:
    db.execute(update(UserProfile.__table__).values(version=UserProfile.version + 1))  # type: ignore[arg-type]  # it is a table
