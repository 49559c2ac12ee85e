"""`./run kill-test`: kills `jedgebot table add` at random moments, and looks at what is left.

After the next `jedgebot` command, files and database are exactly as before, or exactly as if
nobody had killed it. Half of the moments are anywhere in a run with all proofs, half in the short
time in which the files are written and the database is migrated, which proofs do not change.
"""

import argparse
import copy
import multiprocessing
import os
import random
import re
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.cli.forked_runs import begun, ended, new_project
from tests.cli.trees import contents, restore

ONE = ("table", "add", "watchlists", "name:str:80:unique", "note:text:null", "--no-postgresql")
SEVERAL = ("table", "add", "-f", "tables.toml", "--no-postgresql")
TABLES = """
[tables.fills.fields]
order = "ref:orders"
price = "decimal:20,8:min=0"

[tables.orders.fields]
symbol = "str:20:index"
"""
_JOURNAL = "var/jedgebot/journal"
_SECONDS_BETWEEN_LOOKS = 0.0005
_ALL_PROOFS = "    _run(proofs, workers)\n"
_ONE_PROOF = '    _run([proof for proof in proofs if proof.method == "boxes"], workers)\n'
_REVISION = re.compile(r"_[0-9a-f]{12}\.py$")
_NOT_COMPARED = ("var/evidence", "var/jedgebot.db", "var/migrated")
_victims: list["Victims"] = []  # those of this process, by whether they are killed while writing


@dataclass(frozen=True)
class Goal:
    """An add that nobody has killed.

    Attributes:
        whole: how long it took, in seconds.
        writing: how long files were written and the database was migrated.
        new: what it has left.
    """

    whole: float
    writing: float
    new: dict[str, bytes]


class Victims:
    """A project in which adds are killed.

    Args:
        directory: where it is made.
        all_proofs: whether each add proves all that can be proved on SQLite.
    """

    def __init__(self, directory: Path, *, all_proofs: bool) -> None:
        directory.mkdir()
        self.directory = directory
        project = new_project(self.root)
        (self.root / "tables.toml").write_text(TABLES, encoding="utf-8")
        if not all_proofs:
            project.replace("jedgebot/proving.py", _ALL_PROOFS, _ONE_PROOF)
        self._before = contents(self.root)
        self._goals = {arguments: self._unharmed(arguments) for arguments in (ONE, SEVERAL)}

    @property
    def root(self) -> Path:
        """Where the project is."""
        return self.directory / "project"

    def copied(self, directory: Path) -> Self:
        """The same in another directory."""
        other = copy.copy(self)
        other.directory = directory
        shutil.copytree(self.root, other.root)
        return other

    def kill_one(self, number: int, chance: random.Random, *, writing: bool) -> tuple[str, str]:
        """Kill one add.

        Args:
            number: odd ones add two tables, even ones one.
            chance: gives the moment.
            writing: whether it is to be killed while files are written.

        Returns:
            what was left in the end, "old" or "new", and "journal" if it was killed in between.

        Raises:
            AssertionError: something in between was left in the end.
        """
        arguments = SEVERAL if number % 2 else ONE
        goal = self._goals[arguments]
        process = begun(self.root, self.directory / "output", *arguments)
        if writing:
            self._wait_for_writing(process)
            time.sleep(chance.uniform(0, goal.writing * 1.1))
        else:
            time.sleep(chance.uniform(0, goal.whole))
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        ended(process)
        midst = "journal" if (self.root / _JOURNAL).exists() else ""
        ended(begun(self.root, self.directory / "next", "table", "spec", "no_such_table"))
        left = self._state()
        at = self._revisions_applied()
        found = "old" if left == self._state_of(self._before) else "new"
        if found == "new":
            assert left == goal.new, f"{number}: {sorted(_difference(left, goal.new))}"
        made = {name for name in contents(self.root) if name.startswith("alembic/versions/")}
        heads = [name for name in made - self._before.keys() if any(one in name for one in at)]
        assert (len(heads) == 1) == (found == "new"), f"{number}: {found}, but it is at {at}"
        restore(self.root, self._before)
        return found, midst

    def _unharmed(self, arguments: tuple[str, ...]) -> Goal:
        """What an add does that nobody kills."""
        began = time.monotonic()
        process = begun(self.root, self.directory / "output", *arguments)
        self._wait_for_writing(process)
        proved = time.monotonic()
        while self._is_writing():
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        written = time.monotonic()
        code = ended(process)
        assert code == 0, self._error()
        done = time.monotonic()
        new = self._state()
        restore(self.root, self._before)
        return Goal(done - began, written - proved, new)

    def _wait_for_writing(self, process: int) -> None:
        while not self._is_writing():
            # Looked at without taking its exit code, which is asked for later.
            over = os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            assert over is None, self._error()
            time.sleep(_SECONDS_BETWEEN_LOOKS)

    def _is_writing(self) -> bool:
        journal = self.root / _JOURNAL
        return journal.exists() or journal.with_name(f"{journal.name}.draft").exists()

    def _error(self) -> str:
        return (self.directory / "output.err").read_text(encoding="utf-8")

    def _state(self) -> dict[str, bytes]:
        return self._state_of(contents(self.root))

    def _state_of(self, found: dict[str, bytes | None]) -> dict[str, bytes]:
        """The files, those of revisions by a name without the random part, and their size."""
        state = {}
        for name, content in found.items():
            if content is None or name.startswith(_NOT_COMPARED):
                continue
            known = _REVISION.sub(".py", name)
            is_new = name.startswith("alembic/versions/") and name not in self._before
            state[known] = b"%d" % len(content) if is_new else content
        return state

    def _revisions_applied(self) -> set[str]:
        with closing(sqlite3.connect(self.root / "var" / "jedgebot.db")) as connection:
            return {one for (one,) in connection.execute("SELECT * FROM alembic_version")}


def _difference(one: dict[str, bytes], other: dict[str, bytes]) -> set[str]:
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


def main() -> int:
    """Kill as many adds as the command line says; return the exit code."""
    parser = argparse.ArgumentParser(prog="./run kill-test", description=__doc__)
    parser.add_argument("kills", type=int, nargs="?", default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--few-proofs", action="store_true", help="leave out what takes long")
    options = parser.parse_args()
    sys.stdout.write(f"seed {options.seed}\n")
    left: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="jedgebot-kill-") as name:
        directory = Path(name)
        few = Victims(directory / "few", all_proofs=False)
        victims = few if options.few_proofs else Victims(directory / "all", all_proofs=True)
        fork = multiprocessing.get_context("fork")
        begin = (directory, victims, few)
        with ProcessPoolExecutor(options.jobs, fork, _begin, begin) as pool:
            killed = [pool.submit(_kill, one, options.seed) for one in range(options.kills)]
            for count, future in enumerate(as_completed(killed), 1):
                left.update(future.result())
                sys.stdout.write(
                    f"\r{count} killed, {left['journal']} of them in between: "
                    f"{left['old']} times old, {left['new']} new in the end"
                )
                sys.stdout.flush()
    sys.stdout.write("\nnever anything in between in the end\n")
    return 0


def _begin(directory: Path, *victims: Victims) -> None:
    """Make the projects of this process."""
    _victims.extend(one.copied(Path(tempfile.mkdtemp(dir=directory))) for one in victims)


def _kill(number: int, seed: int) -> tuple[str, str]:
    writing = number % 4 < 2
    chance = random.Random(f"{seed} {number}")  # noqa: S311 - no secret
    return _victims[writing].kill_one(number, chance, writing=writing)


if __name__ == "__main__":
    sys.exit(main())
