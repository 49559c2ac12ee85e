"""What a process imports: memory and time that every worker and every command pays."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from backend.core.settings import PROJECT_ROOT

ON_POSTGRESQL = "m.create_app(s.Settings(database_url='postgresql+psycopg://nobody@nowhere/x'))"


@pytest.mark.parametrize(
    ("code", "without"),
    [
        (
            "import backend.main; backend.main.create_app()",
            {"alembic", "mako", "jinja2", "libcst", "typer", "dns", "jedgebot", "pydantic.v1.main"},
        ),
        (
            "import jedgebot.cli, jedgebot.commands.serve, backend.main; backend.main.create_app()",
            {"rich.traceback", "pygments"},
        ),
        (
            f"import backend.main as m, backend.core.settings as s; {ON_POSTGRESQL}",
            {"sqlite3", "_sqlite3", "backend.core.lane.sqlite"},
        ),
        ("import backend.core.migrations.environment", {"fastapi", "starlette", "anyio"}),
        ("import jedgebot.readiness", {"alembic", "fastapi"}),
    ],
)
def test_what_a_process_does_not_need_is_not_imported(
    code: str, without: set[str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys; print(*sys.modules)"],
        cwd=PROJECT_ROOT,
        env={
            **os.environ,
            "JEDGEBOT_SECRET_KEY": "a key of the tests, with more than 32 bytes",
            "JEDGEBOT_DATABASE_URL": f"sqlite:///{tmp_path / 'unused.db'}",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert "sqlalchemy" in done.stdout.split()
    assert without & set(done.stdout.split()) == set()
