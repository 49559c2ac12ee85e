"""Requests without a token, answered by the application in this process: nothing is carried out."""

import asyncio

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security.base import SecurityBase
from starlette.types import Message


def is_secured(route: APIRoute) -> bool:
    """Whether the route looks at a token before it does anything."""
    return _is_secured(route.dependant)


def _is_secured(dependant: Dependant) -> bool:
    call: object = dependant.call
    return isinstance(call, SecurityBase) or any(map(_is_secured, dependant.dependencies))


def status_of(app: FastAPI, method: str, path: str) -> int:
    """The status that a request without a token and without a body gets."""
    return asyncio.run(_status_of(app, method, path))


async def _status_of(app: FastAPI, method: str, path: str) -> int:
    answer: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        answer.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
    }
    await app(scope, receive, send)
    return int(answer[0]["status"])
