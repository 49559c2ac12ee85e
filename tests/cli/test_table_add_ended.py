"""`jedgebot table add` that is interrupted, killed, or not alone."""

import signal
from pathlib import Path

import pytest

from tests.cli.adding import WATCHLISTS, add, prove_little, started
from tests.cli.project_copy import CommandLine, ProjectCopy
from tests.cli.trees import contents


def test_ctrl_c_ends_the_worker_too_and_leaves_nothing(project: ProjectCopy) -> None:
    before = contents(project.root)
    command = started(project, "table", "add", *WATCHLISTS)
    assert command.stdout is not None
    while "Make and review" not in command.stdout.readline():
        assert command.poll() is None
    worker = children_of(command.pid)
    assert worker
    command.send_signal(signal.SIGINT)
    _, error = command.communicate(timeout=30)
    assert command.returncode == 130
    assert error.startswith("error: interrupted")
    assert "Traceback" not in error
    assert not [process for process in worker if is_running(process)]
    assert contents(project.root) == before


@pytest.mark.parametrize("is_committed", [False, True])
def test_after_a_kill_the_next_start_leaves_all_or_nothing(
    project: ProjectCopy, command_line: CommandLine, *, is_committed: bool
) -> None:
    before = contents(project.root)
    upgrade = "                command.upgrade(config, revision)\n"
    kill = "                os.kill(os.getpid(), 9)\n"
    with project.changing():
        prove_little(project)
        project.replace(
            "jedgebot/migrations/target.py", upgrade, upgrade + kill if is_committed else kill
        )
        assert add(project, command_line, *WATCHLISTS).code == -signal.SIGKILL
    assert (project.root / "var" / "jedgebot" / "journal").is_dir()
    assert (project.root / "backend" / "watchlists").is_dir()
    checked = command_line.run(project.root, "table", "check")
    assert checked.code == 0, checked.out
    assert ("was complete, and stays" if is_committed else "has been undone") in checked.err
    after = contents(project.root)
    assert ("backend/watchlists/models.py" in after) == is_committed
    assert "var/jedgebot" not in after
    if not is_committed:
        after.pop("var/jedgebot.db.migration-lock", None)
        assert after == before


def test_two_commands_at_a_time_do_not_mix(project: ProjectCopy, command_line: CommandLine) -> None:
    command = started(project, "table", "add", *WATCHLISTS)
    assert command.stdout is not None
    assert "Load" in command.stdout.readline()
    answer = add(project, command_line, "alerts", "x:int")
    command.terminate()
    command.communicate(timeout=30)
    assert answer.code == 1
    assert "another jedgebot command" in answer.err
    assert command.returncode == 128 + signal.SIGTERM


def is_running(process: str) -> bool:
    """Whether a process has not ended; one that nobody has asked for its exit code has."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def children_of(process: int) -> list[str]:
    """The processes that a process has started."""
    tasks = Path(f"/proc/{process}/task").iterdir()
    return [child for task in tasks for child in (task / "children").read_text().split()]
