"""Workers that are forked: what they share, what they must not, and their replacement."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from tests.system.server import PROJECT_ROOT, free_port

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers are spawned")

WORKERS = 2
ENOUGH = 30
APPLICATION = """
import os, random, signal, threading
from uuid_utils import uuid4

BALLAST = [str(number) for number in range(200_000)]  # more than 10 MiB
uuid4()
{more}

async def application(scope, receive, send):
    if scope["type"] != "http":
        return
    handlers = [signal.getsignal(number) == signal.SIG_DFL for number in (signal.SIGHUP, 10)]
    blocked = len(signal.pthread_sigmask(signal.SIG_BLOCK, ()))
    said = [os.getpid(), uuid4(), random.random(), all(handlers), blocked, "{version}"]
    await send({{"type": "http.response.start", "status": 200, "headers": []}})
    await send({{"type": "http.response.body", "body": " ".join(map(str, said)).encode()}})
"""
MAIN = """
import sys, uvicorn
from jedgebot import listening

if __name__ == "__main__":
    listener = listening.bind("127.0.0.1", int(sys.argv[1]))
    config = uvicorn.Config("forked:application", lifespan="off", workers=2, log_config=None)
    listening.run(config, listener)
"""


class Answer:
    """What a worker says of itself."""

    def __init__(self, text: str) -> None:
        process, self.uuid, self.random, has_default_handlers, blocked, self.version = text.split()
        self.process_id = int(process)
        self.has_fresh_signals = has_default_handlers == "True" and blocked == "0"


@contextmanager
def served(directory: Path, more: str = "") -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """An application with two workers that ends well: the parent's process and the port."""
    with started(directory, more) as (process, port):
        yield process, port
        process.terminate()
        assert process.wait(20) == 0


@contextmanager
def started(directory: Path, more: str = "") -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """An application with two workers: the parent's process and the port."""
    port = free_port()
    write(directory, "first", more)
    (directory / "main.py").write_text(MAIN)
    environment = {**os.environ, "PYTHONPATH": f"{PROJECT_ROOT}:{directory}"}
    command = [sys.executable, str(directory / "main.py"), str(port)]
    with subprocess.Popen(command, env=environment, start_new_session=True) as process:
        try:
            yield process, port
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def write(directory: Path, version: str, more: str = "") -> None:
    (directory / "forked.py").write_text(APPLICATION.format(version=version, more=more))


def answers(port: int, version: str = "first") -> list[Answer]:
    """The answers of two workers of the version, and of no others."""
    found: list[Answer] = []
    deadline = time.monotonic() + 30
    while len(found) < ENOUGH or len({answer.process_id for answer in found}) != WORKERS:
        assert time.monotonic() < deadline, found
        answer = asked(port)
        if answer is None or answer.version != version:
            time.sleep(0.02)
        else:
            found = [*found[1 - ENOUGH :], answer]
    return found


def asked(port: int) -> Answer | None:
    """What one of the workers answers on a new connection; None if it does not."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/")
        return Answer(connection.getresponse().read().decode())
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def shared_mib(process_id: int) -> float:
    """Memory of a process that it has written to and another one has as well."""
    lines = Path(f"/proc/{process_id}/smaps_rollup").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith("Shared_Dirty:"))
    return int(line.split()[1]) / 1024


def test_workers_share_the_application_and_nothing_that_must_differ(tmp_path: Path) -> None:
    with served(tmp_path) as (_, port):
        found = answers(port)
        assert len({answer.uuid for answer in found}) == len(found)
        assert len({answer.random for answer in found}) == len(found)
        assert all(answer.has_fresh_signals for answer in found)
        for worker in {answer.process_id for answer in found}:
            assert shared_mib(worker) > 10, worker


def test_workers_are_spawned_where_the_application_has_a_thread(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    thread = "threading.Thread(target=threading.Event().wait, daemon=True).start()"
    with served(tmp_path, thread) as (_, port):
        for worker in {answer.process_id for answer in answers(port)}:
            assert shared_mib(worker) < 5, worker
    assert "The application has started a thread" in capfd.readouterr().err


@pytest.mark.parametrize("are_spawned", [False, True])
def test_workers_end_when_their_parent_was_killed(tmp_path: Path, are_spawned: bool) -> None:
    with started(tmp_path) as (process, port):
        workers = {answer.process_id for answer in answers(port)}
        if are_spawned:
            write(tmp_path, "second")
            process.send_signal(signal.SIGHUP)
            workers = {answer.process_id for answer in answers(port, "second")}
        process.kill()
        deadline = time.monotonic() + 20
        while any(Path(f"/proc/{worker}").exists() for worker in workers):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert asked(port) is None


def test_a_signal_that_comes_while_the_application_is_loaded_is_heeded(tmp_path: Path) -> None:
    # What a handler raises in the callback of a weak reference is lost.
    end = """
import weakref
signalled = weakref.ref(set(), lambda _: os.kill(os.getpid(), signal.SIGTERM))
"""
    with served(tmp_path, end) as (process, port):
        assert process.wait(20) == 0
        assert asked(port) is None


def test_the_backend_is_loaded_once(database_url: str) -> None:
    code = """
from backend.core.settings import load_settings
from jedgebot.forking import ForkingSupervisor
from jedgebot.serving import server_config

print(ForkingSupervisor(server_config(load_settings(), workers=2), []).config.loaded)
"""
    environment = {**os.environ, "JEDGEBOT_DATABASE_URL": database_url}
    said = subprocess.check_output([sys.executable, "-c", code], env=environment, text=True)
    assert said == "True\n"


def test_a_hangup_brings_the_code_that_is_there_by_then(tmp_path: Path) -> None:
    with served(tmp_path) as (process, port):
        before = {answer.process_id for answer in answers(port)}
        write(tmp_path, "second")
        process.send_signal(signal.SIGHUP)
        after = {answer.process_id for answer in answers(port, "second")}
        assert before.isdisjoint(after)
        os.kill(min(after), signal.SIGKILL)
        replaced = {answer.process_id for answer in answers(port, "second")}
        assert min(after) not in replaced
        assert max(after) in replaced
