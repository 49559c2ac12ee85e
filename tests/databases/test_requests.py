"""Requests for rows that live in a database beside the main one."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx2 import Response
from sqlalchemy import Engine, inspect, text

from tests.clients import Client, registered
from tests.databases.conftest import ALIKE, MIXED


def _new(client: Client, sensor: str = "roof", **fields: object) -> Response:
    return client.post("/readings", json={"sensor": sensor, "value": "1.5", **fields})


def _count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        found: int = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
        return found


def _pointers(answer: Response) -> list[str]:
    return [error["pointer"] for error in answer.json()["errors"]]


@pytest.mark.parametrize("kinds", [*ALIKE, *MIXED], ids=" with ".join)
def test_a_row_is_made_read_listed_changed_and_removed(app: FastAPI, archive: Engine) -> None:
    alice = registered(app)
    made = _new(alice)
    assert made.status_code == 201, made.text
    path = made.headers["Location"]
    assert path == f"/readings/{made.json()['id']}"
    assert _count(archive, "readings") == 1
    assert not inspect(app.state.database.engine).has_table("readings")

    assert alice.get(path).json() == made.json()
    assert alice.get(path, headers={"If-None-Match": made.headers["ETag"]}).status_code == 304
    assert alice.get("/readings?sensor=roof").json()["items"] == [made.json()]
    assert alice.get("/readings/count").json() == 1

    stale = {"If-Match": '"7"'}
    assert alice.patch(path, json={"value": "2"}, headers=stale).status_code == 412
    changed = alice.patch(path, json={"value": "2"}, headers={"If-Match": made.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.json()["value"] == "2.00000000"

    assert alice.delete(path).status_code == 204
    assert _count(archive, "readings") == 0


def test_another_user_finds_nothing(app: FastAPI) -> None:
    path = _new(registered(app)).headers["Location"]
    bob = registered(app)
    assert bob.get(path).status_code == 404
    assert bob.patch(path, json={"value": "2"}).status_code == 404
    assert bob.delete(path).status_code == 404
    assert bob.get("/readings").json()["items"] == []


def test_constraints_name_their_fields(app: FastAPI) -> None:
    alice, bob = registered(app), registered(app)
    theirs = _new(bob).json()["id"]
    assert _new(alice).status_code == 201
    taken = _new(alice)
    assert taken.status_code == 409
    assert _pointers(taken) == ["body/sensor"]
    for reading_id in (theirs, str(uuid4())):
        lost = alice.post("/corrections", json={"reading_id": reading_id, "reason": "fog"})
        assert lost.status_code == 409
        assert _pointers(lost) == ["body/reading_id"]


def test_an_ended_session_reaches_nothing(app: FastAPI, archive: Engine) -> None:
    alice = registered(app)
    path = _new(alice).headers["Location"]
    assert alice.post("/users/logout").status_code == 204
    assert _new(alice, "cellar").status_code == 401
    assert alice.get(path).status_code == 401
    assert alice.get("/readings").status_code == 401
    assert alice.delete(path).status_code == 401
    assert _count(archive, "readings") == 1


def test_a_soft_reference_crosses_databases_both_ways(app: FastAPI) -> None:
    alice, bob = registered(app), registered(app)
    cabinet = alice.post("/cabinets", json={"name": "tall"}).json()["id"]
    reading = _new(alice, cabinet_id=cabinet)
    assert reading.status_code == 201, reading.text
    reading_id = reading.json()["id"]
    assert alice.post("/pins", json={"reading_id": reading_id}).status_code == 201

    for stranger, wanted in ((bob, cabinet), (alice, str(uuid4()))):
        refused = _new(stranger, "cellar", cabinet_id=wanted)
        assert refused.status_code == 409
        assert _pointers(refused) == ["body/cabinet_id"]
    for stranger, wanted in ((bob, reading_id), (alice, str(uuid4()))):
        refused = stranger.post("/pins", json={"reading_id": wanted})
        assert refused.status_code == 409
        assert _pointers(refused) == ["body/reading_id"]
    path = reading.headers["Location"]
    assert alice.patch(path, json={"cabinet_id": str(uuid4())}).status_code == 409
    assert alice.patch(path, json={"cabinet_id": None}).json()["cabinet_id"] is None


def test_a_key_is_claimed_where_the_row_is(app: FastAPI, archive: Engine) -> None:
    alice = registered(app)
    alice.headers["Idempotency-Key"] = "once"
    assert _new(alice, "roof", value="never").status_code == 422
    first = _new(alice)
    again = _new(alice)
    assert first.status_code == again.status_code == 201
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert _new(alice, "cellar").status_code == 409
    assert _count(archive, "readings") == _count(archive, "idempotency_keys") == 1
    assert _count(app.state.database.engine, "idempotency_keys") == 0


def test_a_refused_row_leaves_no_claim(app: FastAPI, archive: Engine) -> None:
    alice = registered(app)
    assert _new(alice).status_code == 201
    alice.headers["Idempotency-Key"] = "once"
    assert _new(alice).status_code == 409
    assert _count(archive, "idempotency_keys") == 0


# SQLite has a connection for a reader that no writer takes, and so always one left.
@pytest.mark.parametrize("kinds", [("postgresql", "postgresql")], ids=" with ".join)
def test_requests_that_look_into_each_others_database_do_not_wait_for_ever(app: FastAPI) -> None:
    alice = registered(app)
    cabinet = alice.post("/cabinets", json={"name": "tall"}).json()["id"]
    reading = _new(alice).json()["id"]

    def ask(number: int) -> int:
        if number % 2:
            return alice.post("/pins", json={"reading_id": reading}).status_code
        keyed = {"Idempotency-Key": str(number)}
        body = {"sensor": str(number), "value": "1", "cabinet_id": cabinet}
        return alice.post("/readings", json=body, headers=keyed).status_code

    with ThreadPoolExecutor(16) as threads:
        assert set(threads.map(ask, range(48))) == {201}


def test_an_async_endpoint_cannot_take_a_session_of_any_database() -> None:
    from backend.core.routing import Router  # noqa: PLC0415 - only here
    from tests.databases.readings.readings_db import ArchiveSession  # noqa: PLC0415 - only here

    async def nobody_commits(db: ArchiveSession) -> None:
        pass

    with pytest.raises(TypeError, match="nobody_commits is async"):
        Router().add_api_route("/", nobody_commits)
