"""Profiles over HTTP, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import FastAPI

from tests.clients import Client, registered

PATH = "/users/profile"


def test_create_with_nothing_gives_the_defaults(alice: Client) -> None:
    created = alice.post(PATH, json={})
    assert created.status_code == 201, created.text
    assert created.headers["location"] == PATH
    profile = created.json()
    assert profile["user_id"] == alice.get("/users/me").json()["id"]
    assert profile["timezone"] == "UTC"
    assert [profile[name] for name in ("username", "display_name", "avatar_url")] == [None] * 3
    assert profile["version"] == 1
    read = alice.get(PATH)
    assert read.json() == profile
    assert read.headers["etag"] == created.headers["etag"]


def test_create_change_read_delete(alice: Client) -> None:
    body = {
        "username": "Ann.1-x_y",
        "display_name": "Ann  Müller 漢字",
        "avatar_url": "https://example.com/a.png?s=1",
        "timezone": "Europe/Zurich",
    }
    created = alice.post(PATH, json=body).json()
    assert {**created, **body} == created
    changed = alice.patch(PATH, json={"display_name": None, "timezone": "Asia/Tokyo"})
    assert changed.status_code == 200, changed.text
    assert changed.json()["display_name"] is None
    assert changed.json()["timezone"] == "Asia/Tokyo"
    assert changed.json()["username"] == "Ann.1-x_y"
    assert changed.json()["version"] == 2
    assert changed.json()["updated_at"] > created["updated_at"]
    assert changed.json()["created_at"] == created["created_at"]
    assert alice.delete(PATH).status_code == 204
    for method in ("GET", "DELETE"):
        assert alice.request(method, PATH).status_code == 404
    assert alice.patch(PATH, json={}).status_code == 404
    assert alice.post(PATH, json={}).status_code == 201


def test_a_user_has_one_profile(alice: Client) -> None:
    alice.post(PATH, json={"username": "first"})
    second = alice.post(PATH, json={"username": "second"})
    assert second.status_code == 409
    assert second.json()["detail"] == "You have one already."
    assert "errors" not in second.json()
    assert alice.get(PATH).json()["username"] == "first"


def test_a_username_is_taken_in_any_case(alice: Client, bob: Client) -> None:
    alice.post(PATH, json={"username": "Trader"})
    taken = bob.post(PATH, json={"username": "tRADER"})
    assert taken.status_code == 409
    assert [fault["pointer"] for fault in taken.json()["errors"]] == ["body/username"]
    assert bob.get(PATH).status_code == 404
    bob.post(PATH, json={})
    assert bob.patch(PATH, json={"username": "trader"}).status_code == 409
    assert alice.patch(PATH, json={"username": "TRADER"}).status_code == 200


def test_many_profiles_without_a_username(alice: Client, bob: Client) -> None:
    assert alice.post(PATH, json={}).status_code == 201
    assert bob.post(PATH, json={}).status_code == 201


def test_of_twenty_at_once_one_gets_the_username(app: FastAPI) -> None:
    clients = [registered(app) for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda c: c.post(PATH, json={"username": "ann"}), clients))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    for answer in answers:
        if answer.status_code == 409:
            assert [fault["pointer"] for fault in answer.json()["errors"]] == ["body/username"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("timezone", "Mars/Olympus"),
        ("timezone", "utc"),
        ("timezone", "../etc/passwd"),
        ("timezone", ""),
        ("timezone", None),
        ("timezone", 5),
        ("avatar_url", "javascript:alert(1)"),
        ("avatar_url", "data:text/html,x"),
        ("avatar_url", "//example.com/a.png"),
        ("avatar_url", "no url"),
        ("avatar_url", "https://example.com/" + "a" * 2048),
        ("username", "ab"),
        ("username", "a b c"),
        ("username", "<script>"),
        ("username", "x" * 33),
        ("username", "ännchen"),
        ("username", 7),
        ("display_name", "   "),
        ("display_name", "x" * 81),
        ("display_name", "a\x00b"),
        ("display_name", ["x"]),
        ("user_id", "00000000-0000-0000-0000-000000000000"),
        ("id", "00000000-0000-0000-0000-000000000000"),
        ("version", 9),
        ("created_at", "2020-01-01T00:00:00Z"),
        ("unknown", 1),
    ],
)
def test_bad_values_are_422_and_change_nothing(alice: Client, field: str, value: object) -> None:
    created = alice.post(PATH, json={}).json()
    refused = alice.patch(PATH, json={field: value})
    assert refused.status_code == 422, refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    assert alice.get(PATH).json() == created
    alice.delete(PATH)
    assert alice.post(PATH, json={field: value}).status_code == 422
    assert alice.get(PATH).status_code == 404


def test_if_match_guards_change_and_delete(alice: Client) -> None:
    first = alice.post(PATH, json={}).headers["etag"]
    assert alice.patch(PATH, json={"display_name": "A"}, headers={"If-Match": first}).is_success
    for method in ("PATCH", "DELETE"):
        body = {"display_name": "B"} if method == "PATCH" else None
        stale = alice.request(method, PATH, json=body, headers={"If-Match": first})
        assert stale.status_code == 412
    assert alice.get(PATH).json()["display_name"] == "A"
    present = alice.get(PATH).headers["etag"]
    either = {"If-Match": f'"other", {present}'}
    assert alice.patch(PATH, json={"display_name": "C"}, headers=either).status_code == 200
    assert alice.delete(PATH, headers={"If-Match": "*"}).status_code == 204


def test_an_etag_is_not_good_for_the_next_profile(alice: Client) -> None:
    first = alice.post(PATH, json={}).headers["etag"]
    alice.delete(PATH)
    alice.post(PATH, json={})
    assert alice.delete(PATH, headers={"If-Match": first}).status_code == 412


def test_empty_change_changes_nothing(alice: Client) -> None:
    created = alice.post(PATH, json={"username": "ann"}).json()
    assert alice.patch(PATH, json={}).json() == created


def test_profiles_are_private(alice: Client, bob: Client, visitor: Client) -> None:
    alice.post(PATH, json={"username": "ann"})
    assert bob.get(PATH).status_code == 404
    assert bob.delete(PATH).status_code == 404
    for method in ("GET", "POST", "PATCH", "DELETE"):
        assert visitor.request(method, PATH).status_code == 401
    assert alice.get(PATH).json()["username"] == "ann"
