"""The application of the benchmarks, in which the fills are declared, and a client of its API.

Its model may be imported only by a process of its own: here it would become part of the
metadata that other tests compare with the database.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import Connection, create_engine

from tests.clients import PASSWORD, new_email
from tests.system.serve import Served
from tests.system.server import PROJECT_ROOT, Server, running

_APPLICATION = "benchmarks.ours.application:create_app"
_CREATE_TABLE = (
    "import sys; import backend.models; from backend.core.engine import make_engine; "
    "from benchmarks.ours.fills.models import Fill; "
    "Fill.__table__.create(make_engine(sys.argv[1]))"
)


@contextmanager
def serving_fills(
    database_url: str, log: Path, workers: int, /, **settings: str
) -> Iterator[Server]:
    """Make the table and serve it.

    Raises:
        RuntimeError: the server did not answer within 20 seconds.
    """
    command = [sys.executable, "-c", _CREATE_TABLE, database_url]
    subprocess.run(command, cwd=PROJECT_ROOT, check=True)
    with running(_APPLICATION, database_url, log, workers, **settings) as server:
        yield server


@contextmanager
def logged_in(server: Server | Served) -> Iterator[httpx2.Client]:
    """A client that speaks for a user of its own."""
    with httpx2.Client(base_url=server.url, timeout=15) as client:
        email = new_email()
        client.post("/users", json={"email": email, "password": PASSWORD})
        answer = client.post("/users/token", data={"username": email, "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


def new_fill(external_ref: str) -> dict[str, Any]:
    """The body of a POST."""
    return {
        "symbol": "NVDA",
        "side": "buy",
        "quantity": "12.5",
        "price": "187.1234",
        "executed_at": "2026-03-04T05:06:07.89Z",
        "external_ref": external_ref,
    }


@contextmanager
def connected(database_url: str) -> Iterator[Connection]:
    """A connection to the database beside the server's."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
