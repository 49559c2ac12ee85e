"""Bodies and queries, odd ones too, are answered alike in both forms."""

import json

import pytest

from tests.contract.callers import FILL, JSON, PATH, created
from tests.contract.forms import Caller
from tests.contract.wire import Request

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
