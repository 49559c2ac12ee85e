"""`jedgebot portfolio import` that is interrupted, killed, or kept out by others."""

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.core import engine as engines
from jedgebot import console
from tests.cli.portfolio_runs import FILLS, WHOSE, Terminal

ROWS = 1_500
KILLED = """
import os, sys, time
from contextlib import contextmanager
from jedgebot import cli, console

bar = console.progress

@contextmanager
def killed(title, total):
    with bar(title, total) as show:
        def show_and_end(done, beside):
            show(done, beside)
            if beside == "1,000 rows":
                time.sleep(0.3)  # the bar is drawn ten times a second
                os.kill(os.getpid(), 9)
        yield show_and_end

console.progress = killed
cli.run(sys.argv[1:])
"""
"""The command line, which is killed when two batches of rows are written."""


def long_file() -> str:
    """A file whose import takes a while."""
    head = "type,trade_date,net_amount,currency,external_id\n"
    return head + "".join(f"deposit,2024-01-02,1,USD,{n}\n" for n in range(ROWS))


def test_a_kill_in_the_middle_leaves_nothing_and_the_file_can_come_again(
    terminal: Terminal,
) -> None:
    ours, theirs = pty.openpty()
    words = [sys.executable, "-c", KILLED, "portfolio", "import", terminal.file(long_file())]
    command = subprocess.run([*words, *WHOSE], stderr=theirs, stdout=subprocess.PIPE, check=False)
    shown = os.read(ours, 65_536).decode()
    os.close(theirs)
    os.close(ours)
    assert (command.returncode, command.stdout) == (-signal.SIGKILL, b"")
    assert "Importing" in shown
    assert "1,000 rows" in shown
    assert terminal.stored() == 0
    assert terminal.put(long_file()).code == 0
    assert terminal.stored() == ROWS


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_what_ends_it_halfway_leaves_nothing(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    written = []

    @contextmanager
    def ending(_title: str, _total: int) -> Iterator[Callable[[int, str], None]]:
        def show(_done: int, beside: str) -> None:
            written.append(beside)
            if len(written) == 2:
                raise error

        yield show

    monkeypatch.setattr(console, "progress", ending)
    answer = terminal.put(long_file())
    assert written == ["500 rows", "1,000 rows"]
    assert answer.code == (130 if error is KeyboardInterrupt else 1)
    assert len(answer.err.splitlines()) == 2
    assert terminal.stored() == 0


def test_a_database_that_others_keep_busy_is_two_lines(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_SECONDS", 0.1)
    monkeypatch.setattr(engines, "POSTGRESQL_SETTINGS", "-c lock_timeout=100")
    with terminal.engine.execution_options(sqlite_begin="IMMEDIATE").begin() as others:
        others.execute(text("UPDATE portfolios SET name = 'main'"))
        answer = terminal.put(FILLS)
    assert (answer.code, answer.out) == (1, "")
    first, second = answer.err.splitlines()
    assert first.startswith("error: the database did not do it: ")
    assert second.startswith("hint: Nothing was stored.")
    assert terminal.stored() == 0


def test_a_database_that_is_not_at_head_is_two_lines(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JEDGEBOT_DATABASE_URL", f"sqlite:///{tmp_path}/empty.db")
    answer = terminal.put(FILLS)
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == (
        "error: the database is not at head.\nhint: Run: .venv/bin/alembic upgrade heads\n"
    )
