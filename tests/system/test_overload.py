"""Far more connections than the pool has: whoever is admitted is served, and all comes back.

JEDGEBOT_LOAD_SECONDS=60 is the full length. A short run beside other programs says nothing of
latencies, so only a long one looks at them.
"""

import json
import os
import time
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import text

from benchmarks.load import PLACEHOLDER, Order, Summary
from benchmarks.measure import loaded
from tests.system.fills import connected, logged_in, new_fill, serving_fills
from tests.system.server import Server

CONNECTIONS = 512
POOL_SIZE = 16
SECONDS = float(os.environ.get("JEDGEBOT_LOAD_SECONDS", "3"))
SECONDS_TO_JUDGE_LATENCIES = 30
USERS = 4
FILLS_OF_EACH = 10


@pytest.mark.parametrize("lane", ["true", "false"], ids=["lane", "plain"])
def test_many_more_connections_than_the_pool(database_url: str, tmp_path: Path, lane: str) -> None:
    log = tmp_path / "server.log"
    settings = {"lane": lane, "database_pool_size": str(POOL_SIZE), "log_level": "error"}
    with serving_fills(database_url, log, 1, **settings) as server, ExitStack() as stack:
        clients = [stack.enter_context(logged_in(server)) for _ in range(USERS)]
        requests = [request for client in clients for request in _mixed_requests(client)]
        found = loaded(
            Order(port=server.port, connections=CONNECTIONS, seconds=SECONDS, requests=requests)
        )
        _require_served(found, log)
        _require_all_back(server, clients[0], database_url)
    if SECONDS >= SECONDS_TO_JUDGE_LATENCIES:
        assert found["p99_ms"] <= 5 * found["p50_ms"], found
    assert log.read_text() == ""


def _mixed_requests(client: httpx2.Client) -> list[str]:
    """Reads of one, pages, new rows and changes of one user."""
    made = [
        client.post("/fills", json=new_fill(f"seeded-{number}")) for number in range(FILLS_OF_EACH)
    ]
    assert {answer.status_code for answer in made} == {201}
    paths = [answer.headers["location"] for answer in made]
    run = uuid4().hex[:8]
    requests = []
    for path in paths:
        requests += [
            _request(client, "GET", path),
            _request(client, "GET", "/fills?sort=-executed_at"),
            _request(client, "POST", "/fills", new_fill(f"{run}-{PLACEHOLDER}")),
            _request(client, "PATCH", path, {"symbol": PLACEHOLDER}),
        ]
    return requests


def _request(client: httpx2.Client, method: str, path: str, body: object = None) -> str:
    content = "" if body is None else json.dumps(body)
    headers = f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: {client.headers['Authorization']}\r\n"
        f"{headers if content else ''}\r\n{content}"
    )


def _require_served(found: Summary, log: Path) -> None:
    evidence = (found, log.read_text()[-2000:])
    assert set(found["statuses"]) <= {"200", "201", "503"}, evidence
    assert found["unanswered"] == 0, evidence
    assert found["closed"] == 0, evidence
    # Whoever sends again at once is refused again; meanwhile the others are served.
    assert found["statuses"]["200"] + found["statuses"]["201"] >= CONNECTIONS / 4, evidence


def _require_all_back(server: Server, client: httpx2.Client, database_url: str) -> None:
    """Every connection is idle, and the next requests of each kind are served at once."""
    with connected(database_url) as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA busy_timeout=100"))
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            connection.rollback()
        else:
            statement = text(
                "SELECT state, count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() GROUP BY state"
            )
            states = [(state, count) for state, count in connection.execute(statement)]
            assert [state for state, _ in states] == ["idle"], states
            assert states[0][1] <= POOL_SIZE
    started = time.monotonic()
    for method, path, body in (
        ("GET", "/fills", None),
        ("POST", "/fills", new_fill("afterwards")),
        ("PATCH", "/users/me", {}),
        ("GET", "/readyz", None),
    ):
        answer = client.request(method, f"{server.url}{path}", json=body)
        assert answer.status_code in {200, 201}, (method, path, answer.text)
    assert time.monotonic() - started < 5
