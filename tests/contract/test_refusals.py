"""Who asks, for which path and with which headers: both forms answer alike, and refuse alike."""

import json
from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest

from backend.core.operations import Browse, Change, Create, Get
from tests.contract.callers import FILL, PATH, created
from tests.contract.forms import Caller, Forms
from tests.contract.wire import Answer, Request


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


def test_a_line_end_belongs_to_the_path(forms: Forms, caller: Caller) -> None:
    row, _ = created(caller)
    paths = {one.path_of(row.rpartition("/")[2]) for one in forms.declared()} | {"/users/profile"}
    for path in sorted(paths):
        for method in ("GET", "HEAD", "POST", "PATCH", "DELETE"):
            body = b"{}" if method in ("POST", "PATCH") else None
            for end in ("\n", "\r", "\r\n", "\x85", "\u2028"):
                assert caller.send(method, path + end, body).status == 404, (method, path, end)
    assert caller.send("GET", row).status == 200


@pytest.mark.parametrize("accept", [b"application/json", b"text/html", b"", b"*/*;q=0", b"\xff"])
def test_accept_is_ignored(caller: Caller, accept: bytes) -> None:
    row, _ = created(caller)
    for path in (row, PATH):
        answer = caller.send("GET", path, headers=[(b"accept", accept)])
        assert answer.status == 200
        assert answer.by_lane


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
