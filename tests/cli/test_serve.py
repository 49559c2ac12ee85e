"""`jedgebot serve` before it serves: what it hands to the server, and what it refuses."""

import os
from pathlib import Path
from typing import Any

import pytest

from jedgebot.cli import run
from tests.system.server import free_port


@pytest.fixture
def handed_over(database_url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """How uvicorn is configured."""
    found: dict[str, Any] = {}
    monkeypatch.setattr("jedgebot.listening.run", lambda config: found.update(vars(config)))
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
