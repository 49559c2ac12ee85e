"""The commands of `docs/migrations.md` run, in their order."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from alembic.config import CommandLine

from backend.core.settings import PROJECT_ROOT
from tests.migrations.project import Project

PAGE = PROJECT_ROOT / "docs" / "migrations.md"
COMMANDS = re.findall(r"^\.venv/bin/alembic (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_page_has_commands() -> None:
    assert len(COMMANDS) == 8


def test_every_command_of_the_page_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = Project(tmp_path)
    shutil.copytree(PROJECT_ROOT / "alembic" / "versions", project.versions, dirs_exist_ok=True)
    url = f"sqlite:///{tmp_path / 'test.db'}"
    for line in COMMANDS:
        program = CommandLine("alembic")
        options = program.parser.parse_args(shlex.split(line))
        config = project.config(url)
        config.cmd_opts = options
        try:
            program.run_cmd(config, options)
        except SystemExit:
            pytest.fail(f"alembic {line}: {capsys.readouterr().out}")
    assert len(list(project.versions.glob("*_add_a_note_to_portfolios_*.py"))) == 1


def test_the_limits_that_the_page_names_are_those_of_the_configuration() -> None:
    text = PAGE.read_text(encoding="utf-8")
    configuration = (PROJECT_ROOT / "alembic.ini").read_text(encoding="utf-8")
    for name in ("migration_lock_seconds", "lock_timeout_milliseconds", "lock_retry_seconds"):
        assert f"`{name}`" in text
        assert f"\n{name} = " in configuration
