"""More connections than the pool has: every request is answered, and the server stays well.

With FastAPI's own route class and `def` endpoints this wedges for good: each request that holds
a connection waits for a thread, and each thread waits for a connection.
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path

import httpx2

from tests.clients import PASSWORD
from tests.system.server import serving

CONNECTIONS = 64
POOL_SIZE = 8
SECONDS = float(os.environ.get("JEDGEBOT_LOAD_SECONDS", "1"))

Send = Callable[[httpx2.AsyncClient, int], Coroutine[None, None, httpx2.Response]]


async def register(client: httpx2.AsyncClient, number: int) -> httpx2.Response:
    email = f"load{number}-{time.monotonic_ns()}@example.com"
    return await client.post("/users", json={"email": email, "password": PASSWORD})


async def log_in(client: httpx2.AsyncClient, _: int) -> httpx2.Response:
    form = {"username": "load@example.com", "password": PASSWORD}
    return await client.post("/users/token", data=form)


async def put_password(client: httpx2.AsyncClient, _: int) -> httpx2.Response:
    body = {"current_password": PASSWORD, "new_password": PASSWORD}
    return await client.put("/users/me/password", json=body)


def request(method: str, path: str, **options: object) -> Send:
    async def send(client: httpx2.AsyncClient, _: int) -> httpx2.Response:
        return await client.request(method, path, **options)  # type: ignore[arg-type]  # its own options

    return send


ENDPOINTS: dict[str, tuple[Send, set[int]]] = {
    "GET /healthz": (request("GET", "/healthz"), {200}),
    "GET /readyz": (request("GET", "/readyz"), {200}),
    "GET /users/me": (request("GET", "/users/me"), {200}),
    "PATCH /users/me": (request("PATCH", "/users/me", json={}), {200}),
    "GET /users/profile": (request("GET", "/users/profile"), {200}),
    "PATCH /users/profile": (
        request("PATCH", "/users/profile", json={"display_name": "Ann"}),
        {200},
    ),
    "POST /users/profile": (request("POST", "/users/profile", json={}), {409}),
    "POST /users": (register, {201, 429}),
    "POST /users/token": (log_in, {200, 429}),
    "PUT /users/me/password": (put_password, {204, 409, 429}),
    "POST /users/token/refresh": (
        request("POST", "/users/token/refresh", json={"refresh_token": "x"}),
        {401},
    ),
}


def test_no_endpoint_wedges_with_more_connections_than_the_pool(
    database_url: str, tmp_path: Path
) -> None:
    log = tmp_path / "server.log"
    with serving(
        database_url,
        log,
        database_pool_size=str(POOL_SIZE),
        login_limit_per_address="1000000 per minute",
        login_limit_per_account="1000000 per minute",
        log_level="error",
    ) as base_url:
        answers = asyncio.run(_load_each_endpoint(base_url))
    for endpoint, (_, expected) in ENDPOINTS.items():
        found = answers[endpoint]
        assert set(found) <= expected, (endpoint, found, log.read_text()[-2000:])
        assert found.total() >= CONNECTIONS, (endpoint, found)
    assert log.read_text() == ""


async def _load_each_endpoint(base_url: str) -> dict[str, Counter[int]]:
    limits = httpx2.Limits(max_connections=CONNECTIONS + 1)
    async with httpx2.AsyncClient(base_url=base_url, timeout=15, limits=limits) as client:
        await client.post("/users", json={"email": "load@example.com", "password": PASSWORD})
        tokens = (await log_in(client, 0)).json()
        client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        assert (await client.post("/users/profile", json={})).status_code == 201
        answers = {}
        for endpoint, (send, _) in ENDPOINTS.items():
            answers[endpoint] = await _load(client, send)
            alone = await asyncio.wait_for(client.get("/users/me"), timeout=5)
            assert alone.status_code == 200, endpoint
        return answers


async def _load(client: httpx2.AsyncClient, send: Send) -> Counter[int]:
    answers: Counter[int] = Counter()
    deadline = time.monotonic() + SECONDS

    async def one_connection(number: int) -> None:
        while True:
            answers[(await send(client, number)).status_code] += 1
            if time.monotonic() >= deadline:
                return

    await asyncio.gather(*(one_connection(number) for number in range(CONNECTIONS)))
    return answers
