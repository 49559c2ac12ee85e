"""HTTP clients of an application under test."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import httpx2
from fastapi import FastAPI
from starlette.testclient import TestClient

PASSWORD = "correct horse battery staple"

_numbers = count(1)


class _InProcess(httpx2.BaseTransport):
    """Sends each request in one call to the event loop that the application's lifespan runs on.

    Starlette's own client makes eight of it, and so takes three times as long.
    """

    def __init__(self, app: FastAPI) -> None:
        self._portal = app.state.portal
        self._answering = httpx2.ASGITransport(app, raise_app_exceptions=False)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        request.read()
        response: httpx2.Response = self._portal.call(self._answer, request)
        return response

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self._answering.handle_async_request(request)
        content = b"".join([part async for part in answer.aiter_raw()])
        body = httpx2.ByteStream(content)
        return httpx2.Response(answer.status_code, headers=answer.headers, stream=body)


class Client(httpx2.Client):
    """A client of a running application; with a token it speaks for one user.

    A server error reaches it as the answer that a real client would get.
    """

    def __init__(self, app: FastAPI) -> None:
        super().__init__(transport=_InProcess(app), base_url="http://testserver")
        self.portal = app.state.portal
        self.email = ""
        self.refresh_token = ""

    def log_in(self, email: str, password: str = PASSWORD) -> None:
        """Start a session and send its access token from now on."""
        answer = self.post("/users/token", data={"username": email, "password": password})
        assert answer.status_code == 200, answer.text
        self.email = email
        self.refresh_token = answer.json()["refresh_token"]
        self.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"


def new_email() -> str:
    """An address that no user has yet."""
    return f"user{next(_numbers)}@example.com"


@contextmanager
def running(app: FastAPI) -> Iterator[FastAPI]:
    """The application between its start and its shutdown."""
    with TestClient(app) as client:
        app.state.portal = client.portal
        yield app


def registered(app: FastAPI) -> Client:
    """A client that speaks for a user of its own."""
    client = Client(app)
    email = new_email()
    answer = client.post("/users", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    client.log_in(email)
    return client
