"""What `jedgebot serve` ends with; the end of a busy server is in test_serve.py."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.serve import serve
from tests.system.server import PROJECT_ROOT

APPLICATION = """
async def application(scope, receive, send):
    raise RuntimeError("this one does not start")
"""
MAIN = """
import sys
import uvicorn
from jedgebot import cli, listening

def main(workers):
    config = uvicorn.Config("unstartable:application", lifespan="on", workers=workers)
    with listening.bind("127.0.0.1", 0) as listener:
        listening.run(config, listener)

if __name__ == "__main__":
    cli.make_app = lambda words: lambda **_: main(int(words[0]))
    sys.exit(cli.run(sys.argv[1:]))
"""


# An idle server ends alike on each database; test_serve.py ends busy ones on both.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_end_that_was_asked_for_is_0(
    database_url: str, tmp_path: Path, workers: int, number: signal.Signals
) -> None:
    """Asked as a supervisor does it: of the parent alone."""
    with serve(database_url, tmp_path, workers) as served:
        served.process.send_signal(number)
        assert served.process.wait(10) == 0
        assert "error:" not in served.log


def test_an_end_that_is_not_graceful_is_not_0(tmp_path: Path) -> None:
    ended = end_of("import os, signal\nos.kill(os.getpid(), signal.SIGHUP)", tmp_path, 1)
    assert ended.returncode == 128 + signal.SIGHUP, ended.stderr


@pytest.mark.parametrize("workers", [1, 2])
def test_an_application_that_does_not_start_is_1(tmp_path: Path, workers: int) -> None:
    ended = end_of(APPLICATION, tmp_path, workers)
    assert ended.returncode == 1, ended.stderr
    assert ended.stderr.splitlines()[-2:] == [
        "error: the server did not start",
        "hint: its log, above, says why",
    ]


def end_of(application: str, directory: Path, workers: int) -> subprocess.CompletedProcess[str]:
    """Serve an application that ends by itself."""
    (directory / "unstartable.py").write_text(application)
    main = directory / "main.py"
    main.write_text(MAIN)
    return subprocess.run(
        [sys.executable, str(main), str(workers)],
        env={"PYTHONPATH": f"{PROJECT_ROOT}:{directory}"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
