"""A project in which `./run fuzz` adds tables, and from which they are taken again."""

import json
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psycopg
from psycopg import sql

from tests.cli.forked_runs import begun, ended
from tests.cli.project_copy import ROOT
from tests.cli.trees import contents, restore

_FILE = "tables.toml"
_HAS_A_DIRECTORY = "    directory.mkdir(exist_ok=True)\n"  # and would begin a server now
_ALL_PROOFS = "    _run(proofs, workers)\n"
_FEW_PROOFS = '    _run([one for one in proofs if "test" not in one.method], workers)\n'
_MISUSE, _LINES = 2, 2
_SECONDS_TO_START = 90.0


class FuzzProject:
    """A project in which tables are added, and from which they are taken again.

    Args:
        whole: a project with bytecode and a database, of which this is a copy.
        directory: where it is made.
        postgresql: whether all is proved there, too: on one server for all that is added.
        few_proofs: whether to leave out the generated tests, which take longest.
    """

    def __init__(self, whole: Path, directory: Path, *, postgresql: bool, few_proofs: bool) -> None:
        self._root = shutil.copytree(whole, directory / "project")
        self._output = directory / "output"
        self._options = [] if postgresql else ["--no-postgresql"]
        self._server = Server(directory / "server") if postgresql else None
        if self._server is not None:
            known = f'{_HAS_A_DIRECTORY}    _answer(directory, {{"url": "{self._server.url}"}})\n'
            known += "    yield\n    return\n"
            self._replace("jedgebot/staging/postgresql.py", _HAS_A_DIRECTORY, known)
        if few_proofs:
            self._replace("jedgebot/proving.py", _ALL_PROOFS, _FEW_PROOFS)
        self._before = contents(self._root)

    def add(self, text: str) -> None:
        """Add the tables of a TOML file.

        Raises:
            AssertionError: they are refused, or leave something beside what they are.
        """
        (self._root / _FILE).write_text(text, encoding="utf-8")
        words = ["table", "add", "-f", _FILE, *self._options]
        if self._server is not None:
            self._server.empty()
        code = self._run(*words)
        said = self._said()
        restore(self._root, self._before)
        assert code == 0, f"jedgebot {shlex.join(words)}\n\n{text}\n{said}"
        assert "Traceback" not in said

    def refuse(self, words: list[str]) -> None:
        """Let words be refused.

        Raises:
            AssertionError: they are accepted, or something is written or said beside.
        """
        code = self._run("table", "add", *words, *self._options)
        error = self._output.with_suffix(".err").read_text(encoding="utf-8")
        lines = [one for one in error.splitlines() if not one.startswith("note: ")]
        after = contents(self._root)
        command = f"jedgebot table add {shlex.join(words)}\n{error}"
        assert code == _MISUSE, command
        assert len(lines) == _LINES, command
        assert lines[0].startswith("error: "), command
        assert lines[1].startswith("hint: "), command
        assert after == self._before, command

    def _run(self, *words: str) -> int:
        return ended(begun(self._root, self._output, *words))

    def _said(self) -> str:
        texts = (self._output.with_suffix(f".{name}") for name in ("out", "err"))
        return "\n".join(path.read_text(encoding="utf-8") for path in texts)

    def _replace(self, name: str, old: str, new: str) -> None:
        path = self._root / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name} has {text.count(old)} times {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")


class Server:
    """A PostgreSQL server, which ends with this process."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        command = [sys.executable, "-m", "jedgebot.staging.postgresql", str(directory)]
        with (directory / "log").open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.PIPE, stderr=log, start_new_session=True
            )
        answer = directory / "postgresql.json"
        latest = time.monotonic() + _SECONDS_TO_START
        while not answer.exists() and time.monotonic() < latest:
            time.sleep(0.05)
        self.url: str = json.loads(answer.read_text(encoding="utf-8"))["url"]

    def empty(self) -> None:
        """Let there be one database, and nothing in it."""
        main = self.url.replace("+psycopg", "").rpartition("/")
        with psycopg.connect(f"{main[0]}/postgres", autocommit=True) as connection:
            rows = connection.execute(
                "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'"
            ).fetchall()
            for (name,) in rows:
                drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
                connection.execute(drop)
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(main[2])))
