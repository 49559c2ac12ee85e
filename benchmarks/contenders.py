"""Who takes part: how each is started, and what is known of it."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from sqlalchemy import make_url

from benchmarks.dataset import SECRET_KEY
from benchmarks.environments import (
    PEERS,
    node_of,
    node_versions,
    python_of,
    python_versions,
)
from jedgebot.serving import cores

Kind = Literal["ours", "peer", "limit"]
DatabaseName = Literal["postgresql", "sqlite"]

POOL_SIZE = 16
_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Launch:
    """How a contender's server is started.

    Attributes:
        environment: variables beside those of this process.
        versions: of what it is made of.
    """

    command: list[str]
    directory: Path
    environment: Mapping[str, str]
    versions: Mapping[str, str]


Launcher = Callable[[str, int, int], Launch]


@dataclass(frozen=True)
class Contender:
    """Something that answers the three requests.

    Attributes:
        launch: from a database's URL, the port and the number of workers.
        note: what a reader has to know of it.
        path: of the fills.
        newest: the query that asks for the newest first, where that is not the usual order.
        answers: whether it answers with the rows; else only statuses are looked at.
        own_types: whether its SQLite file has our own column types.
        workers: its processes, if not as many as those of the others.
    """

    name: str
    title: str
    kind: Kind
    launch: Launcher
    note: str = ""
    path: str = "/fills"
    newest: str = ""
    answers: bool = True
    own_types: bool = False
    workers: int | None = None
    databases: tuple[DatabaseName, ...] = field(default=("postgresql", "sqlite"))


def _uvicorn(python: Path, app: str, port: int, workers: int) -> list[str]:
    command = [str(python), "-m", "uvicorn", app, "--port", str(port), "--workers", str(workers)]
    command += ["--loop", "uvloop", "--http", "httptools", "--no-access-log"]
    return [*command, "--log-level", "warning"]


def _ours(*, lane: bool) -> Launcher:
    def launch(url: str, port: int, workers: int) -> Launch:
        python = Path(sys.executable)
        command = [str(python), "-m", "benchmarks.ours.server", str(port), str(workers)]
        environment = {
            "JEDGEBOT_DATABASE_POOL_SIZE": str(POOL_SIZE),
            "JEDGEBOT_DATABASE_URL": url,
            "JEDGEBOT_ENVIRONMENT": "production",
            "JEDGEBOT_LANE": str(lane).lower(),
            "JEDGEBOT_LOG_LEVEL": "warning",
            "JEDGEBOT_LOG_REQUESTS": "false",
            "JEDGEBOT_SECRET_KEY": SECRET_KEY,
        }
        versions = python_versions(python, ("fastapi", "sqlalchemy", "psycopg", "uvicorn"))
        return Launch(command, _ROOT, environment, versions)

    return launch


def _peer_environment(url: str) -> dict[str, str]:
    plain = make_url(url)
    if plain.get_backend_name() == "postgresql":
        plain = plain.set(drivername="postgresql")
    return {
        "BENCH_DATABASE_URL": plain.render_as_string(hide_password=False),
        "BENCH_SECRET_KEY": SECRET_KEY,
    }


def _asgi_peer(peer: str, app: str, *packages: str) -> Launcher:
    def launch(url: str, port: int, workers: int) -> Launch:
        has_own_packages = (PEERS / peer / "requirements.lock").is_file()
        python = python_of(peer) if has_own_packages else Path(sys.executable)
        return Launch(
            _uvicorn(python, app, port, workers),
            PEERS / peer,
            _peer_environment(url),
            python_versions(python, packages),
        )

    return launch


def _bare(url: str, port: int, workers: int) -> Launch:
    app = "sqlite_app:app" if url.startswith("sqlite") else "app:app"
    return _asgi_peer("bare", app, "asyncpg", "orjson", "uvicorn")(url, port, workers)


def _django(url: str, port: int, workers: int) -> Launch:
    python = python_of("django")
    command = [str(python), "-m", "gunicorn", "app:app", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--threads", "8", "--workers", str(workers)]
    return Launch(
        [*command, "--keep-alive", "75", "--log-level", "warning"],
        PEERS / "django",
        _peer_environment(url),
        python_versions(python, ("django", "django-ninja", "psycopg", "gunicorn")),
    )


def _fastify(url: str, port: int, workers: int) -> Launch:
    node = node_of("fastify")
    environment = {"BENCH_PORT": str(port), "BENCH_WORKERS": str(workers), "NODE_ENV": "production"}
    return Launch(
        [str(node), "server.js"],
        PEERS / "fastify",
        {**_peer_environment(url), **environment},
        node_versions("fastify", node, ("fastify", "pg", "@fastify/jwt")),
    )


CONTENDERS = [
    Contender(
        "lane",
        "JedgeBot",
        "ours",
        _ours(lane=True),
        "declared operations; each statement also checks that the login session has not ended",
        newest="?sort=-executed_at",
        own_types=True,
    ),
    Contender(
        "cores",
        "JedgeBot, a worker per core",
        "ours",
        _ours(lane=True),
        "the same as `jedgebot serve` starts it, for its memory: workers share what is loaded, and "
        "with the load and the database on the same cores they cannot answer more",
        newest="?sort=-executed_at",
        own_types=True,
        workers=cores(),
    ),
    Contender(
        "plain",
        "JedgeBot, plain form",
        "ours",
        _ours(lane=False),
        "the same code with `JEDGEBOT_LANE=false`: a session, a thread and models per request",
        newest="?sort=-executed_at",
        own_types=True,
    ),
    Contender(
        "guide",
        "FastAPI as the guide writes it",
        "peer",
        _asgi_peer("guide", "app:app", "fastapi", "sqlalchemy", "psycopg", "uvicorn"),
        "sync endpoints, `Depends(get_db)`, ORM, `response_model`; 48 connections",
    ),
    Contender(
        "sqlmodel",
        "FastAPI + SQLModel, official template",
        "peer",
        _asgi_peer("sqlmodel", "app:app", "fastapi", "sqlmodel", "psycopg", "uvicorn"),
        "loads the user in each request, as the template does; 48 connections",
    ),
    Contender(
        "django",
        "Django + django-ninja",
        "peer",
        _django,
        "gunicorn, 8 threads with a connection each",
    ),
    Contender(
        "litestar",
        "Litestar + advanced-alchemy",
        "peer",
        _asgi_peer("litestar", "app:app", "litestar", "advanced-alchemy", "uvicorn"),
        "asyncpg or aiosqlite, msgspec",
    ),
    Contender(
        "fastify",
        "Fastify + pg on Node.js",
        "peer",
        _fastify,
        "prepared statements, response schemas, cache of verified tokens",
        databases=("postgresql",),
    ),
    Contender(
        "bare",
        "bare ASGI + driver",
        "limit",
        _bare,
        "no framework and no validation; the database makes the JSON",
    ),
    Contender(
        "constant",
        "constant bytes",
        "limit",
        _asgi_peer("bare", "constant:app", "uvicorn", "uvloop", "httptools"),
        "uvicorn alone: neither token nor database",
        answers=False,
    ),
]
