"""What is refused, and what is sent oddly, is answered alike in both forms as well."""

import json
from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest

from backend.core.operations import Browse, Change, Create, Get
from tests.contract.forms import Caller, Forms
from tests.contract.wire import Answer, Request

PATH = "/fills"
FILL = {
    "symbol": "A",
    "side": "buy",
    "quantity": "1.5",
    "price": "-0.00000001",
    "executed_at": "2026-01-01T00:00:00Z",
    "external_ref": "1",
}
JSON = json.dumps(FILL).encode()


@pytest.fixture
def caller(forms: Forms) -> Caller:
    return forms.newcomer("caller")


def created(caller: Caller, **values: object) -> tuple[str, str]:
    """The path of a new fill, and its entity tag."""
    answer = caller.send("POST", PATH, json.dumps({**FILL, **values}).encode())
    assert answer.status == 201, answer
    assert answer.by_lane
    return answer.header("location"), answer.header("etag")


def test_who_sends_it(forms: Forms, caller: Caller) -> None:
    row, _ = created(caller)
    ended = forms.newcomer("ended", session_life=timedelta(seconds=-1))
    other = forms.newcomer("other")
    token = caller.token.encode()
    senders: list[Sequence[tuple[bytes, bytes]]] = [
        [],
        *(
            [(b"authorization", value)]
            for value in (
                *(
                    b"",
                    b"Bearer",
                    b"Bearer ",
                    b"Basic eDp5",
                    b"Bearer x.y.z",
                    token,
                    b"Bearer \xff",
                ),
                *(b"bearer " + token, b"Bearer  " + token, b"Bearer " + token + b" "),
                *(b"Bearer " + token[:-2], b"BEARER " + token, b"Bearer " + token + b",Bearer x"),
            )
        ),
        [caller.authorization, caller.authorization],
        [caller.authorization, other.authorization],
        [ended.authorization],
        [other.authorization],
    ]
    for one in forms.declared():
        path = one.path_of(row.rpartition("/")[2])
        for headers in senders if one.method != "DELETE" or "{" in path else ():
            if one.method == "DELETE" and headers not in ([], [ended.authorization]):
                continue
            body = b"" if one.method in ("GET", "DELETE") else b"{}"
            sent = [*headers, (b"content-type", b"application/json")]
            forms.send(Request(one.method, path, sent, [body]))
    for method in ("GET", "PATCH", "DELETE"):
        answer = other.send(method, row, b'{"symbol": "B"}' if method == "PATCH" else None)
        assert answer.status == 404
    assert caller.send("GET", row).by_lane


def test_paths_and_methods(forms: Forms, caller: Caller) -> None:
    row, _ = created(caller)
    rows = (PATH, row, f"{PATH}/", f"{row}/", f"{PATH}/x", row.upper(), f"/{PATH}", "/users/me/x")
    for path in (*rows, f"{PATH}/{uuid4()}", "/users/profile"):
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "OPTIONS", "TRACE", "get"):
            answer = caller.send(method, path, b"{}" if method in ("POST", "PATCH") else None)
            assert answer.status != 405 or answer.header("allow")
    for one in forms.declared():
        assert caller.send("PUT", one.path_of(str(uuid4()))).status == 405


@pytest.mark.parametrize("accept", [b"application/json", b"text/html", b"", b"*/*;q=0", b"\xff"])
def test_accept_is_ignored(caller: Caller, accept: bytes) -> None:
    row, _ = created(caller)
    for path in (row, PATH):
        answer = caller.send("GET", path, headers=[(b"accept", accept)])
        assert answer.status == 200
        assert answer.by_lane


BODIES = [
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"{",
    b"{}",
    b"{} {}",
    b"\xff",
    b"NaN",
    b'{"symbol": NaN}',
    b'{"symbol": 1e400}',
    b'{"symbol": ' + b"9" * 5000 + b"}",
    b'{"symbol": 12345678901234567890123}',
    b'{"symbol": "A", "symbol": "B"}',
    b'{"symbol": "\\ud800"}',
    b'{"symbol": "\\ud83d\\ude00"}',
    b'{"symbol": "\\u0000"}',
    b'{"symbol": "a\nb"}',
    b'{"symbol": null}',
    b'{"symbol": ["A"]}',
    b'{"symbol": ""}',
    b'{"symbol": "' + b"x" * 21 + b'"}',
    b'{"unknown": 1}',
    b'{"id": "00000000-0000-0000-0000-000000000000"}',
    b'{"version": 7}',
    b'{"side": "hold"}',
    b'{"price": 1.5}',
    b'{"price": "1.123456789"}',
    b'{"price": "1e3"}',
    b'{"price": "-0"}',
    b'{"price": "+1"}',
    b'{"executed_at": "2026-01-01"}',
    b'{"executed_at": "2026-01-01T00:00:00"}',
    b'{"executed_at": "0001-01-01T00:00:00+01:00"}',
    b'{"executed_at": 0}',
    b"[" * 100 + b"]" * 100,
    b'{"a":' * 2000 + b"1" + b"}" * 2000,
    b'{"symbol": "' + b"x" * 2_000_000 + b'"}',
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_bodies(caller: Caller, body: bytes) -> None:
    row, _ = created(caller)
    whole = JSON[:-1] + b", " + body[1:] if body.startswith(b'{"') and len(body) < 6000 else body
    for method, path, sent in (("PATCH", row, body), ("POST", PATH, body), ("POST", PATH, whole)):
        answer = caller.send(method, path, sent)
        assert answer.status < 500
        assert answer.by_lane == (answer.status in (200, 201) and sent != b"{}")
        halves = [sent[: len(sent) // 2], sent[len(sent) // 2 :], b""]
        caller.send(method, path, halves)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_encodings(caller: Caller, encoding: str) -> None:
    row, _ = created(caller)
    for method, path in (("POST", PATH), ("PATCH", row)):
        body = json.dumps({**FILL, "external_ref": "é"}, ensure_ascii=False).encode(encoding)
        assert not caller.send(method, path, body).by_lane


@pytest.mark.parametrize(
    "content_types",
    [
        [],
        [b"application/json"],
        [b"application/json; charset=utf-8"],
        [b"application/json;charset=utf-16"],
        [b"APPLICATION/JSON"],
        [b"application/problem+json"],
        [b"application/json, text/plain"],
        [b"text/plain"],
        [b"application/x-www-form-urlencoded"],
        [b"multipart/form-data; boundary=x"],
        [b""],
        [b";"],
        [b"\xff"],
        [b"application/json", b"application/json"],
        [b"text/plain", b"application/json"],
    ],
    ids=str,
)
def test_content_types(caller: Caller, content_types: list[bytes]) -> None:
    row, _ = created(caller, external_ref="0")
    types = [(b"content-type", one) for one in content_types]
    for method, path, body in (("POST", PATH, JSON), ("PATCH", row, b'{"symbol": "B"}')):
        length = (b"content-length", b"%d" % len(body))
        sent = [caller.authorization, length, *types]
        answer = caller.forms.send(Request(method, path, sent, [body]))
        assert answer.status in (200, 201, 415, 422)
        assert answer.by_lane == (
            content_types in ([b"application/json"], [b"application/json; charset=utf-8"])
        )


QUERIES = [
    *("limit=1", "limit=0", "limit=501", "limit=x", "limit=", "limit=-1", "limit=1&limit=2"),
    *("cursor=", "cursor=x", "cursor=%FF", "cursor=WyJ4Il0", "cursor=" + "x" * 9000, "%00=1"),
    *("sort=price", "sort=executed_at", "sort=-created_at", "sort=", "sort=executed_at&cursor=x"),
    *("unknown=1", "fields=id", "fields=", "fields=id,id", "fields=nothing", "fields=id&fields=id"),
    *("symbol=A", "symbol=%00", "symbol=%ED%A0%80", "symbol__ne=B", "symbol__in=A,B,C", "side=x"),
    *("symbol__in=", "symbol__in=" + ",".join("x" * 101), "executed_at__gte=2026-01-01T00:00:00Z"),
    *("executed_at__lt=2026-01-01", "symbol__isnull=true", "&", "?", "symbol", "=", "symbol=A+B"),
    *("executed_at__gte=2026-01-01T00:00:00+01:00", "symbol__gt=%F0%9F%98%80", "symbol__lte=a%25"),
]


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_queries(caller: Caller, query: str) -> None:
    row, _ = created(caller)
    for method, path in (("GET", PATH), ("HEAD", PATH), ("GET", row), ("DELETE", row)):
        answer = caller.send(method, path, query=query)
        if method == "GET":
            assert answer.by_lane == (answer.status == 200)
    caller.send("PATCH", row, b'{"symbol": "B"}', query=query)
    caller.send("POST", PATH, JSON, query=query)


def test_pages_to_the_end(caller: Caller) -> None:
    for number in range(7):
        created(
            caller, external_ref=str(number), executed_at=f"2026-01-0{number % 3 + 1}T00:00:00Z"
        )
    for order in ("", "&sort=executed_at", "&sort=-executed_at", "&sort=-created_at"):
        for fields in ("", "&fields=symbol", "&fields=external_ref,id"):
            seen = 0
            cursor: str | None = ""
            while cursor is not None:
                after = f"&cursor={cursor}" if cursor else ""
                page = caller.send("GET", PATH, query=f"limit=2{order}{fields}{after}")
                assert page.by_lane
                found = json.loads(page.body)
                seen, cursor = seen + len(found["items"]), found["next_cursor"]
                if cursor:
                    other = caller.send("GET", PATH, query=f"sort=executed_at&cursor={cursor}")
                    assert other.status == (200 if order == "&sort=executed_at" else 422)
            assert seen == 7


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


def test_headers_in_other_ways(caller: Caller) -> None:
    row, etag = created(caller)
    pairs: list[list[tuple[bytes, bytes]]] = [
        [(b"host", b"evil/a?b")],
        [(b"host", b"other:99")],
        [(b"x-request-id", b"mine")],
        [(b"cookie", b"a"), (b"cookie", b"b")],
        [(b"x-forwarded-for", b"\xff")],
        [(b"range", b"bytes=0-3")],
        [(b"accept-encoding", b"gzip")],
        [(b"expect", b"100-continue")],
        [(b"transfer-encoding", b"chunked")],
        [(b"if-match", etag.encode()), (b"if-none-match", etag.encode())],
    ]
    for number, more in enumerate(pairs):
        for method, path, body in (
            ("GET", row, None),
            ("GET", PATH, b"{}"),
            ("POST", PATH, json.dumps({**FILL, "external_ref": f"new {number}"}).encode()),
            ("PATCH", row, json.dumps({"symbol": f"S{number}"}).encode()),
        ):
            sent = caller.send(method, path, body, headers=more)
            assert sent.status in (200, 201, 304, 412), (more, sent)


def test_every_operation_refuses_alike(forms: Forms, caller: Caller) -> None:
    """What needs no knowledge of a module's fields, for each declared operation."""
    answers: list[Answer] = []
    for one in forms.declared():
        path = one.path_of(str(uuid4()))
        match one.operation:
            case Create() | Change():
                bodies = (b"", b"{", b"[]", b'{"unknown": 1}', b'{"version": 1}', b"NaN", b"null")
                answers += [caller.send(one.method, path, body) for body in bodies]
                plain = [(b"content-type", b"text/plain")]
                answers.append(caller.send(one.method, path, b"{}", headers=plain))
                answers.append(caller.send(one.method, path, b"{}", query="a=1"))
            case Browse() | Get():
                queries = ("a=1", "fields=", "fields=nothing", "fields=id&fields=id")
                answers += [caller.send(one.method, path, query=query) for query in queries]
    assert not any(answer.by_lane for answer in answers)
    assert {answer.status for answer in answers} <= {400, 404, 415, 422}
