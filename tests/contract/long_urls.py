"""Requests whose URL is long, to every operation of a server, over a socket."""

import socket
from collections.abc import Iterator
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import httpx2

_PARSABLE = 65_535
LENGTHS = (8_000, 60_000, _PARSABLE, _PARSABLE + 1, 100_000, 1_048_576)


def undocumented(base_url: str) -> list[str]:
    """What was answered but is not documented, is no problem, or is 414 and should not, or not."""
    document = httpx2.get(f"{base_url}/openapi.json", timeout=60).json()
    port = urlsplit(base_url).port
    return [
        f"{method} {path}, {length} bytes: {status} as {content_type}"
        for method, path, operation in _operations(document)
        for length in LENGTHS
        for status, content_type in _answered(port, method, path, length)
        if str(status) not in operation["responses"]
        or (status == 414) != (length > _PARSABLE)
        or (status >= 400 and content_type != "application/problem+json")
    ]


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield method.upper(), path, operation


def _answered(port: int | None, method: str, path: str, length: int) -> Iterator[tuple[int, str]]:
    """The status and its media type; nothing if a reset overtakes it."""
    start = f"{path}?unknown=".encode().replace(b"{", b"").replace(b"}", b"")
    url = start.ljust(length, b"x")
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        try:
            client.sendall(b"%b %b HTTP/1.1\r\nHost: x\r\n\r\n" % (method.encode(), url))
            answer = HTTPResponse(client, method=method)
            answer.begin()
        except OSError:
            assert length > 2 * _PARSABLE
            return
        yield answer.status, answer.headers.get_content_type()
        answer.close()
