"""What was answered with 201 is in the database, once, also when a worker is killed meanwhile.

JEDGEBOT_KILL_ROUNDS=20 is the full number of rounds.
"""

import asyncio
import json
import os
import signal
import time
from collections import Counter
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.system.fills import connected, logged_in, new_fill, serving_fills
from tests.system.server import Server

POSTS = 1000
WORKERS = 2
ROUNDS = int(os.environ.get("JEDGEBOT_KILL_ROUNDS", "2"))
ANSWERS_BEFORE_THE_KILL = 100


@pytest.mark.parametrize("lane", ["true", "false"], ids=["lane", "plain"])
def test_every_201_is_in_the_database_once(database_url: str, tmp_path: Path, lane: str) -> None:
    log = tmp_path / "server.log"
    # Every POST is admitted: a refusal would be no test of what was answered.
    settings = {
        "lane": lane,
        "max_concurrent_requests": str(2 * POSTS),
        "max_write_wait_milliseconds": "3600000",
        "log_level": "error",
    }
    with (
        serving_fills(database_url, log, WORKERS, **settings) as server,
        logged_in(server) as client,
    ):
        token = client.headers["Authorization"]
        for _ in range(ROUNDS):
            before = _workers_of(server)
            round_ = Round(server.port, token)
            killed = asyncio.run(round_.run(before))
            statuses = Counter(round_.statuses.values())
            assert set(statuses) <= {201, 503}, statuses
            assert ANSWERS_BEFORE_THE_KILL <= statuses[201] < POSTS, statuses
            stored = _stored(database_url, round_.prefix)
            acknowledged = {ref for ref, status in round_.statuses.items() if status == 201}
            assert {ref: stored[ref] for ref in acknowledged} == dict.fromkeys(acknowledged, 1)
            assert set(stored.values()) == {1}
            _require_replaced(server, killed)
            assert client.post("/fills", json=new_fill(f"{uuid4()}")).status_code == 201


class Round:
    """One thousand clients with one POST each, all at once, and a worker that is killed.

    Attributes:
        statuses: of the answers that were read to their end, by the reference of the row.
    """

    def __init__(self, port: int, authorization: str) -> None:
        self.statuses: dict[str, int] = {}
        self.prefix = uuid4().hex[:12]
        self._port = port
        self._authorization = authorization
        self._enough = asyncio.Event()

    async def run(self, workers: set[int]) -> int:
        """Send all and kill a worker when some are answered; its process id."""
        clients = [asyncio.create_task(self._post(number)) for number in range(POSTS)]
        async with asyncio.timeout(60):
            await self._enough.wait()
            # The one with the most connections.
            killed = max(workers, key=_open_files)
            os.kill(killed, signal.SIGKILL)
            await asyncio.gather(*clients)
        return killed

    async def _post(self, number: int) -> None:
        reference = f"{self.prefix}-{number}"
        body = json.dumps(new_fill(reference)).encode()
        head = (
            f"POST /fills HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {self._authorization}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            try:
                writer.write(head.encode() + body)
                answer = await reader.readuntil(b"\r\n\r\n")
            finally:
                writer.close()
        except (OSError, asyncio.IncompleteReadError):
            return  # the worker is gone; nobody tries again
        self.statuses[reference] = int(answer.split(b" ", 2)[1])
        if len(self.statuses) >= ANSWERS_BEFORE_THE_KILL:
            self._enough.set()


def _workers_of(server: Server) -> set[int]:
    """The process ids of the workers that serve."""
    children = Path(f"/proc/{server.process_id}/task/{server.process_id}/children").read_text()
    return {
        int(child)
        for child in children.split()
        if b"resource_tracker" not in Path(f"/proc/{child}/cmdline").read_bytes()
    }


def _open_files(process_id: int) -> int:
    return sum(1 for _ in Path(f"/proc/{process_id}/fd").iterdir())


def _require_replaced(server: Server, killed: int) -> None:
    """The supervisor starts another worker, which is there within some seconds."""
    deadline = time.monotonic() + 20
    workers = _workers_of(server)
    while killed in workers or len(workers) < WORKERS:
        assert time.monotonic() < deadline, (killed, workers)
        time.sleep(0.1)
        workers = _workers_of(server)


def _stored(database_url: str, prefix: str) -> Counter[str]:
    """How often each reference of a round is in the database."""
    statement = text("SELECT external_ref FROM fills WHERE external_ref LIKE :those")
    with connected(database_url) as connection:
        return Counter(connection.scalars(statement, {"those": f"{prefix}-%"}))
