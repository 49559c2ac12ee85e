"""A server that is killed in the middle of an import has kept all of the file, or nothing."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import httpx2
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from tests.system.fills import connected, logged_in
from tests.system.serve import Served, serve

ROWS: Final = 4000
FILE: Final = "type,trade_date,currency,net_amount,external_id\n" + "".join(
    f"deposit,2024-01-02,USD,1,row-{number}\n" for number in range(ROWS)
)
_WRITERS: Final = text(
    "SELECT count(*) FROM pg_locks JOIN pg_class ON pg_class.oid = pg_locks.relation"
    " WHERE relname = 'transactions' AND mode = 'RowExclusiveLock'"
)


def test_a_killed_import_leaves_all_or_nothing(database_url: str, tmp_path: Path) -> None:
    with serve(database_url, tmp_path, 1) as served, logged_in(served) as client:
        made = client.post("/portfolios", json={"name": "Main", "base_currency": "USD"})
        assert made.status_code == 201, made.text
        path = f"/portfolios/{made.json()['id']}"
        started = time.monotonic()
        tried = client.post(f"{path}/transactions/import?dry_run=true", content=FILE)
        assert tried.json()["created"] == ROWS, tried.text
        # It has read the code by then, and is quicker the second time.
        soon = (time.monotonic() - started) / 5
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(client.post, f"{path}/transactions/import", content=FILE)
            _kill_while_it_writes(served, database_url, soon)
            with pytest.raises(httpx2.TransportError):
                answer.result(30)
    with (
        serve(database_url, tmp_path, 1) as served,
        httpx2.Client(base_url=served.url, headers=client.headers, timeout=60) as again,
    ):
        kept = _deposited(again, path)
        assert kept in (0, ROWS)
        report = again.post(f"{path}/transactions/import", content=FILE).json()
        assert (report["created"], report["duplicates"]) == (ROWS - kept, kept)
        assert _deposited(again, path) == ROWS


def _kill_while_it_writes(served: Served, database_url: str, after: float) -> None:
    deadline = time.monotonic() + 30
    with connected(database_url) as connection:
        while not _is_written_to(connection):
            assert time.monotonic() < deadline
            time.sleep(0.005)
    time.sleep(after)
    os.killpg(served.process.pid, signal.SIGKILL)
    served.process.wait(10)


def _is_written_to(connection: Connection) -> bool:
    """Whether somebody else writes transactions now, and has not committed them."""
    try:
        if connection.dialect.name == "postgresql":
            return bool(connection.scalar(_WRITERS))
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError:
        return True
    finally:
        connection.rollback()
    return False


def _deposited(client: httpx2.Client, path: str) -> int:
    """How many rows of the file there are: each is a deposit of 1."""
    cash = client.get(f"{path}/cash").json()["items"]
    return int(cash[0]["amount"]) if cash else 0
