"""The commands of ./run are documented, and a wrong one says what to do."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, directory: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "run"), *arguments]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)


def commands() -> list[str]:
    """The commands that the script's last `case` tells apart."""
    script = (ROOT / "run").read_text()
    return re.findall(r"^    ([a-z-]+)\)", script[script.rindex("\ncase ") :], re.MULTILINE)


def test_the_commands_are_found() -> None:
    assert {"setup", "serve", "test", "check", "help"} <= set(commands())


@pytest.mark.parametrize("command", commands())
def test_the_readme_mentions_a_command(command: str) -> None:
    assert re.search(rf"\./run {command}\b", (ROOT / "README.md").read_text())


def test_help_lists_every_command(tmp_path: Path) -> None:
    answer = run("help", directory=tmp_path)
    assert answer.returncode == 0
    assert re.findall(r"^  ([a-z-]+)(?:   |$)", answer.stdout, re.MULTILINE) == commands()


@pytest.mark.parametrize("arguments", [[], ["serv"]], ids=["none", "unknown"])
def test_a_wrong_command_exits_with_2_and_a_hint(arguments: list[str]) -> None:
    answer = run(*arguments)
    assert answer.returncode == 2
    assert re.fullmatch(r"error: .+\nhint: .*\./run help.*\n", answer.stderr)
