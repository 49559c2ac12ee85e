"""Login sessions over HTTP, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest
from fastapi import FastAPI
from sqlalchemy import update

from backend.core.tokens import Claims, TokenSigner
from backend.user_sessions.models import UserSession
from tests.clients import Client


def refresh(client: Client, token: str) -> tuple[int, dict[str, str]]:
    """The status and the fields, as texts, of the answer to a refresh."""
    answer = client.post("/users/token/refresh", json={"refresh_token": token})
    return answer.status_code, {name: str(value) for name, value in answer.json().items()}


def test_tokens_have_the_form_of_oauth2(alice: Client) -> None:
    _, tokens = refresh(alice, alice.refresh_token)
    assert tokens["token_type"] == "bearer"
    assert tokens["expires_in"] == str(15 * 60)
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == pytest.approx(15 * 60, abs=1)


def test_a_refresh_token_is_good_once(alice: Client) -> None:
    status, first = refresh(alice, alice.refresh_token)
    assert status == 200
    status, second = refresh(alice, first["refresh_token"])
    assert status == 200
    assert len({alice.refresh_token, first["refresh_token"], second["refresh_token"]}) == 3
    alice.headers["Authorization"] = f"Bearer {second['access_token']}"
    assert alice.get("/users/me").status_code == 200


def test_reuse_ends_the_session(alice: Client) -> None:
    _, tokens = refresh(alice, alice.refresh_token)
    status, problem = refresh(alice, alice.refresh_token)
    assert status == 401
    assert problem["detail"] == "The session has ended."
    assert refresh(alice, tokens["refresh_token"])[0] == 401
    alice.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    assert alice.get("/users/me").status_code == 401


def test_of_many_refreshes_at_once_one_wins_and_the_session_ends(alice: Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: refresh(alice, alice.refresh_token), range(8)))
    assert sorted(status for status, _ in answers) == [200] + [401] * 7
    assert alice.get("/users/me").status_code == 401


def test_other_sessions_of_the_user_live_on(alice: Client, app: FastAPI) -> None:
    elsewhere = Client(app)
    elsewhere.log_in(alice.email)
    assert alice.post("/users/logout").status_code == 204
    assert alice.get("/users/me").status_code == 401
    assert refresh(alice, alice.refresh_token)[0] == 401
    assert elsewhere.get("/users/me").status_code == 200


def test_an_expired_session_is_refused(alice: Client, app: FastAPI) -> None:
    with app.state.database.engine.begin() as connection:
        past = datetime.now(UTC) - timedelta(seconds=1)
        connection.execute(update(UserSession).values(expires_at=past))
    assert alice.get("/users/me").status_code == 401
    assert refresh(alice, alice.refresh_token)[0] == 401


def test_one_kind_of_token_is_not_taken_for_the_other(alice: Client) -> None:
    access_token = alice.headers["Authorization"].removeprefix("Bearer ")
    assert refresh(alice, access_token)[0] == 401
    alice.headers["Authorization"] = f"Bearer {alice.refresh_token}"
    assert alice.get("/users/me").status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer x.y.z", "Basic YTpi", "é"])
def test_bad_authorization_is_401(visitor: Client, header: str) -> None:
    answer = visitor.get("/users/me", headers=[(b"authorization", header.encode())])
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"


def test_forged_tokens_are_401(alice: Client) -> None:
    token = alice.headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, options={"verify_signature": False})
    key = "another key of more than thirty-two bytes"
    forged = [
        jwt.encode(claims, key, "HS256"),
        jwt.encode(claims, "", "none"),
        token[:-2],
        ".".join([*token.split(".")[:2], ""]),
    ]
    for forgery in forged:
        answer = alice.get("/users/me", headers={"Authorization": f"Bearer {forgery}"})
        assert answer.status_code == 401, forgery


def test_a_token_of_another_application_or_without_a_session_is_401(
    alice: Client, app: FastAPI
) -> None:
    signer: TokenSigner = app.state.token_signer
    later = datetime.now(UTC) + timedelta(minutes=5)
    unknown = signer.sign("access", Claims(uuid4(), uuid4(), uuid4(), later))
    assert alice.get("/users/me", headers={"Authorization": f"Bearer {unknown}"}).status_code == 401
    token = alice.headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, options={"verify_signature": False})
    key = app.state.settings.signing_key
    for change in ({"iss": "other"}, {"exp": 1}, {"sub": "x"}, {"aud": "refresh"}):
        changed = jwt.encode({**claims, **change}, key, "HS256")
        answer = alice.get("/users/me", headers={"Authorization": f"Bearer {changed}"})
        assert answer.status_code == 401, change
    for missing in ("exp", "iat", "sub", "sid", "jti"):
        part = jwt.encode({k: v for k, v in claims.items() if k != missing}, key, "HS256")
        answer = alice.get("/users/me", headers={"Authorization": f"Bearer {part}"})
        assert answer.status_code == 401, missing


def test_an_ended_session_reaches_no_row_on_any_route(alice: Client, app: FastAPI) -> None:
    other = Client(app)
    other.log_in(alice.email)
    assert other.post("/users/profile", json={"username": "ann"}).status_code == 201
    assert alice.post("/users/logout").status_code == 204
    for method, path, body in (
        ("GET", "/users/me", None),
        ("PATCH", "/users/me", {"email": "x@example.com"}),
        ("DELETE", "/users/me", None),
        ("PUT", "/users/me/password", {"current_password": "x", "new_password": "y" * 9 + "abc"}),
        ("POST", "/users/logout", None),
        ("GET", "/users/profile", None),
        ("POST", "/users/profile", {}),
        ("PATCH", "/users/profile", {}),
        ("DELETE", "/users/profile", None),
    ):
        assert alice.request(method, path, json=body).status_code == 401, (method, path)
    assert other.get("/users/profile").json()["username"] == "ann"
