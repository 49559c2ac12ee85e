"""What becomes of the rows in other databases of a user who is deleted."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import OperationalError

from backend.core.database import Database
from backend.core.named_databases import NamedDatabase
from tests.clients import Client, registered

TABLES = ("idempotency_keys", "readings", "corrections")


def _fill(client: Client) -> UUID:
    body = {"sensor": "roof", "value": "1"}
    made = client.post("/readings", json=body, headers={"Idempotency-Key": "once"})
    correction = {"reading_id": made.json()["id"], "reason": "fog"}
    assert client.post("/corrections", json=correction).status_code == 201
    return UUID(client.get("/users/me").json()["id"])


def _owners(archive: Engine) -> dict[str, set[UUID]]:
    tables = NamedDatabase.called("archive").metadata.tables
    with archive.connect() as connection:
        return {name: set(connection.scalars(select(tables[name].c.user_id))) for name in TABLES}


def test_their_rows_go_with_them_and_those_of_others_stay(app: FastAPI, archive: Engine) -> None:
    alice, bob = registered(app), registered(app)
    _fill(alice)
    bobs = _fill(bob)
    assert alice.delete("/users/me").status_code == 204
    assert _owners(archive) == {name: {bobs} for name in TABLES}
    assert alice.get("/users/me").status_code == 401


def test_a_deletion_that_is_refused_deletes_nothing(app: FastAPI, archive: Engine) -> None:
    alice = registered(app)
    alices = _fill(alice)
    assert alice.delete("/users/me", headers={"If-Match": '"7"'}).status_code == 412
    assert _owners(archive) == {name: {alices} for name in TABLES}


def test_the_user_stays_while_a_database_cannot_be_reached(
    app: FastAPI, archive: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = registered(app)
    alices = _fill(alice)

    def fail(_database: Database, _owner_id: UUID) -> None:
        raise OperationalError("DELETE", {}, Exception("down"))

    with monkeypatch.context() as patch:
        patch.setattr(Database, "remove_rows_of", fail)
        assert alice.delete("/users/me").status_code == 503
    assert alice.get("/users/me").status_code == 200
    assert _owners(archive) == {name: {alices} for name in TABLES}
    assert alice.delete("/users/me").status_code == 204


def test_a_row_that_comes_in_between_goes_too(
    app: FastAPI, archive: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = registered(app)
    alices = _fill(alice)
    remove: Callable[[Database, UUID], None] = Database.remove_rows_of
    late = iter((True,))

    def remove_then_add(database: Database, owner_id: UUID) -> None:
        remove(database, owner_id)
        if next(late, False):
            now = datetime.now(UTC)
            row = {"user_id": alices, "id": uuid4(), "sensor": "late", "value": 1, "version": 1}
            row |= {"created_at": now, "updated_at": now}
            readings = NamedDatabase.called("archive").metadata.tables["readings"]
            with database.engine.begin() as connection:
                connection.execute(insert(readings).values(row))

    monkeypatch.setattr(Database, "remove_rows_of", remove_then_add)
    assert alice.delete("/users/me").status_code == 204
    assert _owners(archive) == {name: set() for name in TABLES}


def test_what_cannot_be_swept_up_afterwards_does_not_spoil_the_answer(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = registered(app)
    _fill(alice)
    remove: Callable[[Database, UUID], None] = Database.remove_rows_of
    calls: list[UUID] = []

    def remove_once(database: Database, owner_id: UUID) -> None:
        calls.append(owner_id)
        if len(calls) > 1:
            raise OperationalError("DELETE", {}, Exception("down"))
        remove(database, owner_id)

    monkeypatch.setattr(Database, "remove_rows_of", remove_once)
    assert alice.delete("/users/me").status_code == 204
    assert len(calls) == 2
    assert alice.get("/users/me").status_code == 401
