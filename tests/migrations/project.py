"""A migration environment of a test's own: our `alembic/` with revisions that the test writes."""

import multiprocessing
import os
import subprocess
import sys
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from textwrap import indent

from alembic import command
from alembic.config import CommandLine, Config
from sqlalchemy import MetaData

from backend.core.migrations import alembic_config
from backend.core.settings import PROJECT_ROOT

REVISION = '''"""{name}."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "{name}"
down_revision = {down!r}


def upgrade() -> None:
{upgrade}


def downgrade() -> None:
{downgrade}
'''


TOGETHER = """
import os, pathlib, time
from sqlalchemy import Engine, event
import backend.core.migrations.environment

arrived = pathlib.Path({directory!r})
(arrived / f"{{os.getpid()}}.arrived").touch()
deadline = time.monotonic() + 60
while len(list(arrived.glob("*.arrived"))) < {processes} and time.monotonic() < deadline:
    time.sleep(0.001)
event.listen(Engine, "begin", lambda connection: time.sleep(0.02))
exec(pathlib.Path({env!r}).read_text())
"""

# What each `alembic` of a test would import anew: forks of one process have it.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["backend.core.migrations.environment", "psycopg", __name__])


class Project:
    """Revisions in a directory, one upon the other."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.versions = directory / "versions"
        self.versions.mkdir()
        self._newest: str | None = None
        self._scripts = PROJECT_ROOT / "alembic"
        self._write_configuration({})

    def limit(self, **limits: float) -> None:
        """Set limits of `alembic.ini`."""
        self._write_configuration(limits)

    def begin_together(self, processes: int) -> None:
        """Let so many processes begin at one time, and leave gaps between their transactions."""
        env = TOGETHER.format(
            directory=str(self.directory), processes=processes, env=str(self._scripts / "env.py")
        )
        self._scripts = self.directory / "scripts"
        self._scripts.mkdir()
        (self._scripts / "env.py").write_text(env)
        self._write_configuration({})

    def revision(self, name: str, upgrade: str, downgrade: str = "pass") -> None:
        """Write a revision whose functions have these bodies."""
        text = REVISION.format(
            name=name,
            down=self._newest,
            upgrade=indent(upgrade, "    "),
            downgrade=indent(downgrade, "    "),
        )
        (self.versions / f"{name}.py").write_text(text)
        self._newest = name

    def config(self, url: str, metadata: MetaData | None = None) -> Config:
        """The configuration for Alembic's commands in this process."""
        config = alembic_config(self.directory, url)
        if metadata is not None:
            config.attributes["target_metadata"] = metadata
        return config

    def upgrade(self, url: str, revision: str = "head") -> None:
        """Upgrade in this process."""
        command.upgrade(self.config(url), revision)

    def downgrade(self, url: str, revision: str) -> None:
        """Downgrade in this process."""
        command.downgrade(self.config(url), revision)

    def start(self, url: str, *arguments: str, cwd: Path | None = None) -> "subprocess.Popen[str]":
        """Start `alembic` as a program."""
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "alembic",
                "-c",
                str(self.directory / "alembic.ini"),
                *arguments,
            ],
            env={**os.environ, "JEDGEBOT_DATABASE_URL": url},
            cwd=cwd or self.directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def forked(self, url: str, output: Path, *arguments: str) -> ForkServerProcess:
        """Start `alembic` as `start` does, in a process that has the libraries loaded.

        Args:
            url: of the database.
            output: a file that gets what it prints, after what others have printed.
            arguments: of `alembic`.
        """
        words = ["-c", str(self.directory / "alembic.ini"), *arguments]
        process = _FORKS.Process(target=_alembic, args=(url, output, words), daemon=True)
        process.start()
        return process

    def alembic(self, url: str, *arguments: str, cwd: Path | None = None) -> str:
        """Run `alembic` as a program, which must succeed, and give what it printed."""
        process = self.start(url, *arguments, cwd=cwd)
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0, output
        return output

    def _write_configuration(self, limits: dict[str, float]) -> None:
        text = (PROJECT_ROOT / "alembic.ini").read_text()
        text = text.replace("%(here)s/alembic", str(self._scripts))
        text = text.replace("%(here)s", str(PROJECT_ROOT))
        lines = [line for line in text.splitlines() if line.split(" = ")[0] not in limits]
        place = lines.index("[alembic]") + 1
        lines[place:place] = [
            f"version_locations = {self.versions}",
            *(f"{name} = {value}" for name, value in limits.items()),
        ]
        (self.directory / "alembic.ini").write_text("\n".join(lines))


def _alembic(url: str, output: Path, words: list[str]) -> None:
    os.environ["JEDGEBOT_DATABASE_URL"] = url
    with output.open("ab") as file:
        for descriptor in (1, 2):
            os.dup2(file.fileno(), descriptor)
    CommandLine(prog="alembic").main(words)


def batch(table: str, *operations: str) -> str:
    """The body of a revision that changes a table in one batch."""
    return f"with op.batch_alter_table({table!r}) as batch:\n" + "".join(
        f"    {operation}\n" for operation in operations
    )
