"""The conventions of every answer, over HTTP on both databases."""

import json
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Annotated

import pytest
from fastapi import Depends, FastAPI
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session
from starlette.types import Message

from backend.core.database import DbSession, get_db
from backend.core.idempotency import IdempotencyKey
from backend.core.prefix_index import PrefixIndex
from backend.core.routing import Router
from backend.user_profiles.models import UserProfile
from tests.clients import Client

PATH = "/users/profile"


def problem_of(answer: object) -> dict[str, object]:
    """The problem of an answer, once its form is checked."""
    content_type = answer.headers["content-type"]  # type: ignore[attr-defined]
    assert content_type == "application/problem+json"
    problem: dict[str, object] = answer.json()  # type: ignore[attr-defined]
    assert problem["status"] == answer.status_code  # type: ignore[attr-defined]
    assert {"type", "title", "detail"} <= set(problem)
    return problem


def profiles_in(app: FastAPI) -> int:
    with Session(app.state.database.engine) as db:
        return db.scalar(select(func.count()).select_from(UserProfile)) or 0


@pytest.mark.parametrize("path", ["/", "/nothing", "/users/nothing", "/users/profile/", "//users"])
def test_unknown_paths_are_404(visitor: Client, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 404
    problem_of(answer)


def test_other_methods_are_405_with_all_that_are_allowed(alice: Client) -> None:
    answer = alice.put(PATH)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "DELETE, GET, HEAD, PATCH, POST"
    problem_of(answer)
    assert alice.options("/users").headers["allow"] == "POST"
    assert alice.get("/users/me/password").headers["allow"] == "PUT"


def test_head_is_get_without_its_body(alice: Client) -> None:
    alice.post(PATH, json={})
    get, head = alice.get(PATH), alice.head(PATH)
    assert head.status_code == 200
    assert head.content == b""
    for name in ("content-length", "content-type", "etag"):
        assert head.headers[name] == get.headers[name]


def test_if_none_match_answers_304(alice: Client) -> None:
    etag = alice.post(PATH, json={}).headers["etag"]
    answer = alice.get(PATH, headers={"If-None-Match": etag})
    assert answer.status_code == 304
    assert answer.content == b""
    assert answer.headers["etag"] == etag
    alice.patch(PATH, json={"display_name": "A"})
    assert alice.get(PATH, headers={"If-None-Match": etag}).status_code == 200


def test_if_none_match_compares_weakly_and_if_match_strongly(alice: Client) -> None:
    etag = alice.post(PATH, json={}).headers["etag"]
    assert alice.get(PATH, headers={"If-None-Match": f"W/{etag}"}).status_code == 304
    assert alice.patch(PATH, json={}, headers={"If-Match": f"W/{etag}"}).status_code == 412


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"{\xff}", 400),
        (b"[" * 100_000, 400),
        (b'{"display_name":' + b"[" * 200 + b"]" * 200 + b"}", 422),
        (b'{"display_name":1e400}', 422),
        (b'{"x":[' + b"[]," * 20_000 + b"[]]}", 422),
        (b"{" + b",".join(b'"k%d":1' % n for n in range(20_000)) + b"}", 422),
        (b'{"display_name":NaN}', 422),
        (b'{"display_name":' + b"9" * 5000 + b"}", 400),
        (b'{"display_name":"\\ud800"}', 422),
        (b'{"\\udfff":1}', 422),
        (b'{"display_name":"\\u0000"}', 422),
        (b"null", 422),
    ],
)
def test_strange_bodies_are_4xx_and_not_repeated(
    alice: Client, content: bytes, status: int
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = alice.post(PATH, content=content, headers=headers)
    assert answer.status_code == status, answer.text[:500]
    problem_of(answer)
    assert len(answer.content) < 2000
    assert alice.get(PATH).status_code == 404


@pytest.mark.parametrize("media_type", ["text/plain", "", "application/x-www-form-urlencoded"])
def test_other_media_types_are_415(alice: Client, media_type: str) -> None:
    answer = alice.post(PATH, content=b"{}", headers={"Content-Type": media_type})
    assert answer.status_code == 415
    problem_of(answer)


def test_json_in_any_dress_is_taken(alice: Client) -> None:
    headers = {"Content-Type": "Application/Vnd.api+JSON; charset=utf-8"}
    assert alice.post(PATH, content=b"{}", headers=headers).status_code == 201


@pytest.mark.parametrize("chunked", [False, True])
def test_large_bodies_are_413(alice: Client, chunked: bool) -> None:
    body = b'{"display_name":"' + b"x" * 1_100_000 + b'"}'
    content = iter([body[:600_000], body[600_000:]]) if chunked else body
    answer = alice.post(PATH, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    problem_of(answer)
    assert answer.headers["x-request-id"]


def test_unknown_query_parameters_are_422(alice: Client) -> None:
    answer = alice.get(f"{PATH}?nonsense=1")
    assert answer.status_code == 422
    assert "nonsense" not in answer.text
    problem_of(answer)


def test_a_request_id_is_kept_or_made(visitor: Client) -> None:
    kept = visitor.get("/healthz", headers={"X-Request-ID": "abc-1.2_3"})
    assert kept.headers["x-request-id"] == "abc-1.2_3"
    for strange in ("a b", "x" * 65, '"\\'):
        made = visitor.get("/healthz", headers={"X-Request-ID": strange})
        assert made.headers["x-request-id"] not in ("", strange)


class TestIdempotencyKey:
    """A POST that is sent twice is carried out once."""

    def test_the_first_answer_comes_again(self, alice: Client, app: FastAPI) -> None:
        headers = {"Idempotency-Key": "key"}
        first = alice.post(PATH, json={"username": "ann"}, headers=headers)
        alice.patch(PATH, json={"username": "changed"})
        again = alice.post(PATH, json={"username": "ann"}, headers=headers)
        assert first.status_code == again.status_code == 201
        assert first.content == again.content
        for name in ("etag", "location", "content-type"):
            assert first.headers[name] == again.headers[name]
        assert "idempotency-replayed" not in first.headers
        assert again.headers["idempotency-replayed"] == "true"
        assert profiles_in(app) == 1

    def test_another_body_is_409(self, alice: Client) -> None:
        headers = {"Idempotency-Key": "key"}
        alice.post(PATH, json={"username": "ann"}, headers=headers)
        other = alice.post(PATH, json={"username": "bea"}, headers=headers)
        assert other.status_code == 409
        assert "Idempotency-Key" in str(problem_of(other)["detail"])

    def test_a_key_is_its_users_own(self, alice: Client, bob: Client) -> None:
        headers = {"Idempotency-Key": "key"}
        assert alice.post(PATH, json={}, headers=headers).status_code == 201
        created = bob.post(PATH, json={}, headers=headers)
        assert created.status_code == 201
        assert "idempotency-replayed" not in created.headers

    def test_an_error_keeps_nothing(self, alice: Client, bob: Client) -> None:
        bob.post(PATH, json={"username": "ann"})
        headers = {"Idempotency-Key": "key"}
        assert alice.post(PATH, json={"username": "ann"}, headers=headers).status_code == 409
        bob.delete(PATH)
        assert alice.post(PATH, json={"username": "ann"}, headers=headers).status_code == 201

    def test_a_key_is_free_again_after_a_day(self, alice: Client, app: FastAPI) -> None:
        headers = {"Idempotency-Key": "key"}
        assert alice.post(PATH, json={}, headers=headers).status_code == 201
        yesterday = datetime.now(UTC) - timedelta(hours=25)
        with app.state.database.engine.begin() as connection:
            connection.execute(update(IdempotencyKey).values(created_at=yesterday))
        again = alice.post(PATH, json={}, headers=headers)
        assert again.status_code == 409
        assert again.json()["detail"] == "You have one already."

    def test_of_many_at_once_one_is_carried_out(self, alice: Client, app: FastAPI) -> None:
        def send(_: int) -> tuple[int, bytes]:
            answer = alice.post(PATH, json={}, headers={"Idempotency-Key": "key"})
            return answer.status_code, answer.content

        with ThreadPoolExecutor(10) as pool:
            answers = set(pool.map(send, range(20)))
        assert len(answers) == 1
        assert next(iter(answers))[0] == 201
        assert profiles_in(app) == 1

    @pytest.mark.parametrize("key", ["", "a b", "x" * 256, "\t"])
    def test_a_key_has_1_to_255_visible_characters(self, alice: Client, key: str) -> None:
        answer = alice.post(PATH, json={}, headers={"Idempotency-Key": key})
        assert answer.status_code == 422


def test_the_openapi_document_has_an_etag(visitor: Client) -> None:
    document = visitor.get("/openapi.json")
    assert document.json()["openapi"].startswith("3.1")
    assert "ProblemDetail" in document.json()["components"]["schemas"]
    paths = document.json()["paths"]
    operations = [
        operation["operationId"] for path in paths.values() for operation in path.values()
    ]
    assert "create_profile" in operations
    assert len(operations) == len(set(operations))
    etag = document.headers["etag"]
    assert visitor.get("/openapi.json", headers={"If-None-Match": etag}).status_code == 304
    assert visitor.get("/openapi.json", headers={"If-None-Match": '"x"'}).status_code == 200


def test_the_documentation_page_needs_no_other_host(visitor: Client) -> None:
    page = visitor.get("/docs").text
    assets = re.findall(r'(?:href|src)="([^"]+)"', page)
    assert len(assets) >= 3
    for asset in assets:
        assert asset.startswith("/")
        assert visitor.get(asset).status_code == 200
    assert "https://" not in page


def test_ready_when_the_database_is_at_head(visitor: Client, app: FastAPI) -> None:
    assert visitor.get("/readyz").status_code == 200
    with app.state.database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    behind = visitor.get("/readyz")
    assert behind.status_code == 503
    assert "head" in str(problem_of(behind)["detail"])
    assert visitor.get("/healthz").json() == {"status": "ok"}


def test_a_failing_server_tells_its_log_and_not_the_client(
    app: FastAPI, alice: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        local_secret = "in a variable"
        raise RuntimeError(f"secret detail {len(local_secret)}")

    monkeypatch.setattr(app.state.lane, "plan", fail)
    with caplog.at_level(logging.ERROR):
        answer = alice.get(PATH)
    assert answer.status_code == 500
    assert "secret" not in json.dumps(problem_of(answer))
    logged = str([record.msg for record in caplog.records])
    assert "secret detail 13" in logged
    assert "in a variable" not in logged
    assert answer.headers["x-request-id"]


def test_an_unreachable_database_is_503(visitor: Client, app: FastAPI) -> None:
    def refuse(*_: object) -> None:
        raise app.state.database.engine.dialect.loaded_dbapi.OperationalError("down")

    event.listen(app.state.database.engine, "do_connect", refuse)
    app.state.database.engine.dispose()
    answer = visitor.post("/users/token", data={"username": "a@example.com", "password": "x"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    problem_of(answer)


def test_an_async_endpoint_may_not_take_the_session() -> None:
    router = Router()

    async def endpoint(db: DbSession) -> None: ...

    with pytest.raises(TypeError, match="async"):
        router.get("/x")(endpoint)


def test_both_spellings_of_the_session_give_the_same_one(app: FastAPI, alice: Client) -> None:
    router = Router()

    @router.get("")
    def same(db: DbSession, literal: Annotated[Session, Depends(get_db)]) -> bool:
        return db is literal

    app.include_router(router, prefix="/same")
    app.state.prefix_index = PrefixIndex(app.router)
    app.router.middleware_stack = app.state.prefix_index
    assert alice.get("/same").json() is True


def test_a_body_whose_client_leaves_changes_nothing(app: FastAPI, alice: Client) -> None:
    created = alice.post(PATH, json={})
    part = b'{"timezone": "Europe/Zurich"}'
    messages: list[Message] = [
        {"type": "http.request", "body": part, "more_body": True},
        {"type": "http.disconnect"},
    ]
    headers = [
        (b"authorization", alice.headers["Authorization"].encode()),
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % (len(part) + 10)),
    ]

    async def receive() -> Message:
        return messages.pop(0) if len(messages) > 1 else messages[0]

    async def send(message: Message) -> None:
        pass

    scope = {"type": "http", "method": "PATCH", "path": PATH, "raw_path": PATH.encode()}
    more = {"query_string": b"", "headers": headers, "root_path": "", "scheme": "http"}
    assert alice.portal is not None
    alice.portal.call(app, {**scope, **more, "server": ("test", 80)}, receive, send)
    assert alice.get(PATH).json() == created.json()
