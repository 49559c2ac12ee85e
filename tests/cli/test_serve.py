"""`jedgebot serve` before it serves: what it hands to the server, and what it refuses."""

import os
import socket
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from jedgebot.cli import run
from tests.system.server import free_port


def has_ipv6() -> bool:
    """Whether this machine has a loopback address of IPv6."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


NEEDS_IPV6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


@pytest.fixture
def handed_over(database_url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """How uvicorn is configured, and the `address` that it is to listen on."""
    found: dict[str, Any] = {}

    def take(config: uvicorn.Config, listener: socket.socket) -> None:
        found.update(vars(config), address=listener.getsockname())

    monkeypatch.setattr("jedgebot.listening.run", take)
    monkeypatch.setenv("JEDGEBOT_DATABASE_URL", database_url)
    return found


@pytest.mark.parametrize(
    ("words", "cores", "workers"),
    [((), {0, 1, 5}, 3), (("--workers", "2"), {0}, 2), (("--reload",), {0, 1, 5}, 1)],
)
def test_workers_are_as_many_as_cores_unless_told(
    handed_over: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    cores: set[int],
    workers: int,
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: cores, raising=False)
    assert run(("serve", "--port", str(free_port()), *words)) == 0
    assert handed_over["workers"] == workers
    assert handed_over["access_log"] is False


def test_the_shutdown_lasts_longer_than_any_request(
    handed_over: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JEDGEBOT_REQUEST_TIMEOUT_SECONDS", "50")
    monkeypatch.setenv("JEDGEBOT_CLIENT_TIMEOUT_SECONDS", "7")
    assert run(("serve", "--port", str(free_port()))) == 0
    assert handed_over["timeout_graceful_shutdown"] > 50
    assert handed_over["timeout_keep_alive"] == 7


@pytest.mark.parametrize(
    ("host", "address", "shown"),
    [
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        pytest.param("::1", "::1", "[::1]", marks=NEEDS_IPV6),
    ],
)
def test_it_says_where_it_listens(
    handed_over: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
    host: str,
    address: str,
    shown: str,
) -> None:
    """Port 0 is any free one."""
    assert run(("serve", "--host", host, "--port", "0")) == 0
    port = handed_over["address"][1]
    assert port != 0
    assert handed_over["address"][0] == address
    assert capsys.readouterr().out == f"Serving on http://{shown}:{port}. Ctrl-C ends it.\n"


def test_of_a_name_with_two_addresses_it_takes_that_of_ipv4(
    handed_over: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", 0, 0, 0)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0)),
    ]
    monkeypatch.setattr("jedgebot.listening.socket.getaddrinfo", lambda *_, **__: both)
    assert run(("serve", "--host", "localhost", "--port", "0")) == 0
    assert handed_over["address"][0] == "127.0.0.1"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        pytest.param("::1", marks=NEEDS_IPV6),
        "192.0.2.1",
        "no-such-host.invalid",
        "no..host",
    ],
)
def test_an_address_that_cannot_be_had_is_two_lines(
    handed_over: dict[str, Any], capsys: pytest.CaptureFixture[str], host: str
) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host if host == "::1" else "127.0.0.1", 0), family=family) as other:
        port = other.getsockname()[1]
        assert run(("serve", "--host", host, "--port", str(port))) == 1
    printed = capsys.readouterr()
    first, second = printed.err.splitlines()
    assert first.startswith(f"error: cannot listen on {host} port {port}: ")
    assert second == "hint: choose another with --host or --port"
    assert printed.out == ""
    assert not handed_over


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JEDGEBOT_RATE_LIMIT_STORAGE_URL", "async+redis://localhost:port"),
        ("JEDGEBOT_REGISTRATION_LIMIT_PER_ADDRESS", "often"),
        ("JEDGEBOT_SECRET_KEY", "short"),
        ("JEDGEBOT_DATABASE_URL", f"sqlite:///{Path(__file__)}/x.db"),
        ("JEDGEBOT_MAX_CONCURRENT_REQUESTS", "0"),
    ],
)
def test_a_setting_that_cannot_be_used_is_two_lines(
    handed_over: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
) -> None:
    monkeypatch.setenv(name, value)
    assert run(("serve", "--port", str(free_port()))) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert name in lines[0]
    assert lines[1].startswith("hint: ")
    assert "fault of jedgebot" not in lines[1]
    assert not handed_over
