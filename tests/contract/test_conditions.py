"""What an answer depends on: a tag, a key, another row; both forms see it alike."""

import json
from uuid import uuid4

import pytest

from tests.contract.callers import JSON, PATH, created
from tests.contract.forms import Caller, Forms

CONDITIONS = [
    "{}",
    "W/{}",
    "*",
    '"x"',
    '{}, "x"',
    '"x", {}',
    "",
    ",",
    " {} ",
    "{}x",
    "{},*",
    "x" * 2000,
]


@pytest.mark.parametrize("condition", CONDITIONS, ids=range(len(CONDITIONS)))
def test_conditions(caller: Caller, condition: str) -> None:
    row, etag = created(caller)
    value = condition.replace("{}", etag).encode()
    for header in (b"if-none-match", b"if-match", b"if-modified-since", b"if-unmodified-since"):
        for method in ("GET", "HEAD"):
            caller.send(method, row, headers=[(header, value)])
        caller.send("GET", PATH, headers=[(header, value)])
    caller.send("GET", row, headers=[(b"if-none-match", b'"x"'), (b"if-none-match", value)])
    for body in (b"{}", b'{"symbol": "A"}', b'{"symbol": "B"}', b'{"symbol": "C"}', b"x"):
        caller.send("PATCH", row, body, headers=[(b"if-match", value)])
    twice = [(b"if-match", b'"x"'), (b"if-match", value)]
    caller.send("PATCH", row, b'{"symbol": "D"}', headers=twice)
    gone = f"{PATH}/{uuid4()}"
    caller.send("PATCH", gone, b'{"symbol": "D"}', headers=[(b"if-match", value)])
    caller.send("DELETE", gone, headers=[(b"if-match", value)])
    caller.send("DELETE", row, headers=[(b"if-match", value)])
    caller.send("DELETE", row)


def test_if_match_with_the_present_tag_is_for_the_lane(caller: Caller) -> None:
    row, etag = created(caller)
    match = [(b"if-match", etag.encode())]
    assert caller.send("PATCH", row, b'{"symbol": "B"}', headers=match).by_lane
    assert caller.send("PATCH", row, b'{"symbol": "C"}', headers=match).status == 412
    assert caller.send("DELETE", row, headers=match).status == 412
    fresh = caller.send("GET", row).header("etag")
    assert caller.send("DELETE", row, headers=[(b"if-match", fresh.encode())]).by_lane


def test_idempotency_keys(caller: Caller) -> None:
    for key in (b"a", b"", b"a b", b"\xff", b"x" * 256):
        for body in (JSON, JSON, JSON.replace(b"1.5", b"2.5"), b"{}"):
            caller.send("POST", PATH, body, headers=[(b"idempotency-key", key)])
    replayed = caller.send("POST", PATH, JSON, headers=[(b"idempotency-key", b"a")])
    assert replayed.header("idempotency-replayed") == "true"


def test_conflicts(forms: Forms, caller: Caller) -> None:
    first, _ = created(caller, external_ref="1")
    created(caller, external_ref="2")
    assert caller.send("POST", PATH, JSON).status == 409
    assert caller.send("PATCH", first, b'{"external_ref": "2"}').status == 409
    other = forms.newcomer("other")
    for one, name in ((caller, b"ann"), (other, b"ANN"), (caller, b"bob")):
        one.send("POST", "/users/profile", b'{"username": "%b"}' % name)
    assert caller.send("PATCH", "/users/me", b'{"email": "other@example.com"}').status == 409
    cabinet = caller.send("POST", "/cabinets", b'{"name": "a"}')
    specimen = {
        "code": "1",
        "text": "",
        "whole": 1,
        "big": 1,
        "yes": True,
        "day": "2026-01-01",
        "at": "2026-01-01T00:00:00Z",
        "key": str(uuid4()),
        "mood": "calm",
        "price": "1",
        "units": "1",
        "ratio": "0",
        "cabinet_id": json.loads(cabinet.body)["id"],
    }
    assert caller.send("POST", "/specimens", json.dumps(specimen).encode()).by_lane
    assert caller.send("DELETE", cabinet.header("location")).status == 409
    for sender in (caller, other):
        lost = {**specimen, "code": "2", "cabinet_id": str(uuid4())}
        assert sender.send("POST", "/specimens", json.dumps(lost).encode()).status == 409
