"""Users over HTTP, on both databases."""

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.settings import Settings
from backend.users.models import User
from tests.clients import PASSWORD, Client, new_email, registered


def test_register_answers_201_without_the_password(visitor: Client) -> None:
    created = visitor.post("/users", json={"email": "Ann@Example.com", "password": PASSWORD})
    assert created.status_code == 201, created.text
    assert created.headers["location"] == "/users/me"
    assert created.headers["etag"]
    user = created.json()
    assert user["email"] == "ann@example.com"
    assert user["version"] == 1
    assert set(user) == {"id", "email", "created_at", "updated_at", "version"}
    assert user["created_at"].endswith("Z")


def test_an_address_is_one_user_in_any_case(visitor: Client) -> None:
    visitor.post("/users", json={"email": "ann@example.com", "password": PASSWORD})
    again = visitor.post("/users", json={"email": "ANN@example.com", "password": PASSWORD})
    assert again.status_code == 409
    assert again.headers["content-type"] == "application/problem+json"
    assert [fault["pointer"] for fault in again.json()["errors"]] == ["body/email"]


@pytest.mark.parametrize(
    "password",
    [
        "elevenchars",
        "x" * 129,
        "password1234",
        "PASSWORD1234",
        "passwordpassword",
        "123456789012",
        "aaaaaaaaaaaaaaaa",
        "abababababababab",
        "!!iloveyou!!",
    ],
)
def test_weak_passwords_are_refused_and_not_repeated(visitor: Client, password: str) -> None:
    refused = visitor.post("/users", json={"email": new_email(), "password": password})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "body/password"
    assert password not in refused.text


@pytest.mark.parametrize(
    "password",
    ["twelve chars", "x9ééééé漢字漢abc", "only lower case words", "xyzwxyzxyzwz", "817263540981"],
)
def test_passwords_need_no_kinds_of_characters(visitor: Client, password: str) -> None:
    email = new_email()
    created = visitor.post("/users", json={"email": email, "password": password})
    assert created.status_code == 201, created.text
    visitor.log_in(email, password)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "no address", "password": PASSWORD},
        {"email": "ann@example.com"},
        {"email": "ann@example.com", "password": PASSWORD, "is_admin": True},
        {"email": None, "password": PASSWORD},
        {"email": "ann@example.com", "password": 123456789012},
        [],
        "text",
    ],
)
def test_bad_registrations_are_422(visitor: Client, body: object) -> None:
    refused = visitor.post("/users", json=body)
    assert refused.status_code == 422
    assert refused.json()["title"] == "Unprocessable Entity"
    assert refused.json()["errors"]


def test_me_is_the_caller(alice: Client, bob: Client) -> None:
    assert alice.get("/users/me").json()["email"] == alice.email
    assert bob.get("/users/me").json()["email"] == bob.email


def test_change_address(alice: Client, bob: Client, visitor: Client) -> None:
    before = alice.get("/users/me")
    email = new_email()
    changed = alice.patch(
        "/users/me", json={"email": email.upper()}, headers={"If-Match": before.headers["etag"]}
    )
    assert changed.status_code == 200, changed.text
    assert changed.json()["email"] == email
    assert changed.json()["version"] == 2
    visitor.log_in(email)
    taken = alice.patch("/users/me", json={"email": bob.email})
    assert taken.status_code == 409
    assert taken.json()["errors"][0]["pointer"] == "body/email"
    assert alice.patch("/users/me", json={"email": None}).status_code == 422
    assert alice.patch("/users/me", json={"password_hash": "x"}).status_code == 422
    stale = alice.patch("/users/me", json={}, headers={"If-Match": before.headers["etag"]})
    assert stale.status_code == 412


def test_empty_change_changes_nothing(alice: Client) -> None:
    before = alice.get("/users/me").json()
    assert alice.patch("/users/me", json={}).json() == before
    assert alice.get("/users/me").json() == before


def test_delete_removes_the_user_and_what_they_own(alice: Client, visitor: Client) -> None:
    assert alice.post("/users/profile", json={"username": "ann"}).status_code == 201
    gone = alice.get("/users/me").headers["etag"].replace("-1", "-7")
    assert alice.delete("/users/me", headers={"If-Match": gone}).status_code == 412
    assert alice.delete("/users/me").status_code == 204
    assert alice.get("/users/me").status_code == 401
    again = visitor.post("/users", json={"email": alice.email, "password": PASSWORD})
    assert again.status_code == 201
    visitor.log_in(alice.email)
    assert visitor.get("/users/profile").status_code == 404
    assert visitor.post("/users/profile", json={"username": "ann"}).status_code == 201


def test_password_change_ends_the_other_sessions(alice: Client, app: FastAPI) -> None:
    elsewhere = Client(app)
    elsewhere.log_in(alice.email)
    new_password = "a brand new long phrase"
    wrong = alice.put(
        "/users/me/password",
        json={"current_password": "not the password", "new_password": new_password},
    )
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["pointer"] == "body/current_password"
    changed = alice.put(
        "/users/me/password",
        json={"current_password": PASSWORD, "new_password": new_password},
    )
    assert changed.status_code == 204, changed.text
    assert changed.content == b""
    assert alice.get("/users/me").status_code == 200
    assert elsewhere.get("/users/me").status_code == 401
    refreshed = elsewhere.post(
        "/users/token/refresh", json={"refresh_token": elsewhere.refresh_token}
    )
    assert refreshed.status_code == 401
    old = elsewhere.post("/users/token", data={"username": alice.email, "password": PASSWORD})
    assert old.status_code == 401
    elsewhere.log_in(alice.email, new_password)


def test_unknown_user_and_wrong_password_are_answered_alike(alice: Client, visitor: Client) -> None:
    answers = [
        visitor.post("/users/token", data={"username": name, "password": "wrong wrong wrong"})
        for name in (alice.email, "nobody@example.com", "no address", "nul\x00", "x" * 5000)
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert {answer.headers["www-authenticate"] for answer in answers} == {"Bearer"}


@pytest.mark.usefixtures("costly_passwords")
def test_an_unknown_user_costs_a_hash_too(
    app: FastAPI, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasher = app.state.password_hasher._hash  # noqa: SLF001 - counts the real work
    verified: list[str] = []
    verify = hasher.verify

    def counting_verify(password: str, password_hash: str) -> bool:
        verified.append(password_hash)
        right: bool = verify(password, password_hash)
        return right

    monkeypatch.setattr(hasher, "verify", counting_verify)
    visitor.post("/users/token", data={"username": "nobody@example.com", "password": "x"})
    assert len(verified) == 1
    assert verified[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_login_that_a_password_change_overtakes_is_refused(
    app: FastAPI, alice: Client, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasher = app.state.password_hasher
    verify = hasher.verify
    new_password = "a brand new long phrase"

    async def overtaken(password: SecretStr, password_hash: str | None) -> bool:
        right: bool = await verify(password, password_hash)
        with Session(app.state.database.engine) as db, db.begin():
            user = db.scalars(select(User).where(User.email == alice.email)).one()
            user.password_hash = hasher.hash_now(SecretStr(new_password))
        return right

    monkeypatch.setattr(hasher, "verify", overtaken)
    form = {"username": alice.email, "password": PASSWORD}
    assert visitor.post("/users/token", data=form).status_code == 401
    monkeypatch.undo()
    visitor.log_in(alice.email, new_password)


def test_tokens_are_not_to_be_stored(alice: Client) -> None:
    form = {"username": alice.email, "password": PASSWORD}
    assert alice.post("/users/token", data=form).headers["cache-control"] == "no-store"
    refreshed = alice.post("/users/token/refresh", json={"refresh_token": alice.refresh_token})
    assert refreshed.headers["cache-control"] == "no-store"


def test_a_password_keeps_its_white_space(visitor: Client) -> None:
    email, password = new_email(), "  leading and trailing  "
    assert visitor.post("/users", json={"email": email, "password": password}).is_success
    visitor.log_in(email, password)
    stripped = {"username": email, "password": password.strip()}
    assert visitor.post("/users/token", data=stripped).status_code == 401


@pytest.mark.parametrize("email", ["Ann <ann@example.com>", "<ann@example.com>", "a@b@c.com"])
def test_an_address_has_no_name(visitor: Client, email: str) -> None:
    refused = visitor.post("/users", json={"email": email, "password": PASSWORD})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["detail"] == "not an e-mail address"


def test_the_form_wants_both_parts(visitor: Client) -> None:
    assert visitor.post("/users/token", data={"username": "a@example.com"}).status_code == 422
    as_json = visitor.post("/users/token", json={"username": "a", "password": "b"})
    assert as_json.status_code == 415


class TestRegistrationLimit:
    """How many users one address may register."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"registration_limit_per_address": "2 per minute"})

    def test_an_address_is_limited(self, visitor: Client) -> None:
        def register(password: str = PASSWORD) -> httpx2.Response:
            return visitor.post("/users", json={"email": new_email(), "password": password})

        assert register("short").status_code == 422
        assert [register().status_code for _ in range(2)] == [201, 201]
        refused = register()
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 61
        known = visitor.post("/users/token", data={"username": "a@example.com", "password": "x"})
        assert known.status_code == 401


class TestLoginLimits:
    """How often a login may fail."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(
            update={
                "login_limit_per_account": "3 per minute",
                "login_limit_per_address": "8 per minute",
            }
        )

    def test_an_account_is_limited_whether_it_exists_or_not(self, app: FastAPI) -> None:
        alice = registered(app)
        for name in (alice.email.upper(), "nobody@example.com"):
            form = {"username": name, "password": "wrong wrong wrong"}
            statuses = [alice.post("/users/token", data=form).status_code for _ in range(3)]
            assert statuses == [401, 401, 401]
            refused = alice.post("/users/token", data=form)
            assert refused.status_code == 429
            assert 1 <= int(refused.headers["retry-after"]) <= 61
        right = alice.post("/users/token", data={"username": alice.email, "password": PASSWORD})
        assert right.status_code == 429

    def test_other_ways_to_write_an_address_are_the_same_account(self, app: FastAPI) -> None:
        alice = registered(app)
        wide = alice.email.replace("e", "\uff45").replace(".com", "\uff0ecom")
        names = (alice.email, f" {alice.email.upper()} ", wide)
        statuses = [
            alice.post("/users/token", data={"username": name, "password": "wrong"}).status_code
            for name in (*names, alice.email)
        ]
        assert statuses[:2] == [401, 401]
        known = alice.post("/users/token", data={"username": wide, "password": PASSWORD})
        assert known.status_code in (401, 429)
        named = {"username": f"x <{alice.email}>", "password": PASSWORD}
        assert alice.post("/users/token", data=named).status_code == 401

    def test_a_right_password_forgets_the_wrong_ones(self, app: FastAPI) -> None:
        alice = registered(app)
        for _ in range(2):
            form = {"username": alice.email, "password": "wrong wrong wrong"}
            assert alice.post("/users/token", data=form).status_code == 401
        alice.log_in(alice.email)
        form = {"username": alice.email, "password": "wrong wrong wrong"}
        assert alice.post("/users/token", data=form).status_code == 401

    def test_an_address_is_limited_over_all_accounts(self, app: FastAPI) -> None:
        visitor = Client(app)
        statuses = [
            visitor.post(
                "/users/token", data={"username": f"{n}@example.com", "password": "x"}
            ).status_code
            for n in range(9)
        ]
        assert statuses == [401] * 8 + [429]
