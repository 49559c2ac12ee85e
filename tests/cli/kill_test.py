"""`./run kill-test`: kills `jedgebot table add` at random moments, and looks at what is left.

After the next `jedgebot` command, files and database are exactly as before, or exactly as if
nobody had killed it.
"""

import argparse
import os
import random
import re
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path

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
_LAST_PROOF = "Check the nine boxes"
_ALL_PROOFS = "    _run(proofs, worker)\n"
_ONE_PROOF = '    _run([proof for proof in proofs if proof.method == "boxes"], worker)\n'
_REVISION = re.compile(r"_[0-9a-f]{12}\.py$")
_NOT_COMPARED = ("var/evidence", "var/jedgebot.db")


class Victims:
    """A project in which adds are killed.

    Args:
        directory: where it is made.
        chance: gives the moments.
        all_proofs: whether each add proves all that can be proved on SQLite.
    """

    def __init__(self, directory: Path, chance: random.Random, *, all_proofs: bool) -> None:
        self._chance = chance
        self._output = directory / "output"
        project = new_project(directory / "project")
        self._root = project.root
        (self._root / "tables.toml").write_text(TABLES, encoding="utf-8")
        if not all_proofs:
            project.replace("jedgebot/proving.py", _ALL_PROOFS, _ONE_PROOF)
        self._before = contents(self._root)
        self._goals = {arguments: self._unharmed(arguments) for arguments in (ONE, SEVERAL)}

    def kill_one(self, number: int) -> str:
        """Kill one add, and say what was left: "old" or "new".

        Raises:
            AssertionError: something in between.
        """
        arguments = SEVERAL if number % 2 else ONE
        whole, end, new = self._goals[arguments]
        self._output.with_suffix(".out").unlink(missing_ok=True)
        process = begun(self._root, self._output, *arguments)
        if number % 4 < 2:
            self._wait_for_last_proof(process)
            time.sleep(self._chance.uniform(0, end * 1.2))
        else:
            time.sleep(self._chance.uniform(0, whole))
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        ended(process)
        ended(begun(self._root, self._output, "table", "spec", "no_such_table"))
        left = self._state()
        at = self._revisions_applied()
        found = "old" if left == self._state_of(self._before) else "new"
        if found == "new":
            assert left == new, f"{number}: {sorted(_difference(left, new))}"
        made = {name for name in contents(self._root) if name.startswith("alembic/versions/")}
        heads = [name for name in made - self._before.keys() if any(one in name for one in at)]
        assert (len(heads) == 1) == (found == "new"), f"{number}: {found}, but it is at {at}"
        restore(self._root, self._before)
        return found

    def _unharmed(self, arguments: tuple[str, ...]) -> tuple[float, float, dict[str, bytes]]:
        """How long an add takes, how long its last step, and what it leaves."""
        self._output.with_suffix(".out").unlink(missing_ok=True)
        began = time.monotonic()
        process = begun(self._root, self._output, *arguments)
        self._wait_for_last_proof(process)
        proved = time.monotonic()
        code = ended(process)
        assert code == 0, self._output.with_suffix(".err").read_text(encoding="utf-8")
        done = time.monotonic()
        new = self._state()
        restore(self._root, self._before)
        return done - began, done - proved, new

    def _wait_for_last_proof(self, process: int) -> None:
        output = self._output.with_suffix(".out")
        while _LAST_PROOF not in (output.read_text(encoding="utf-8") if output.exists() else ""):
            # Looked at without taking its exit code, which is asked for later.
            over = os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            assert over is None, self._output.with_suffix(".err").read_text(encoding="utf-8")
            time.sleep(0.002)

    def _state(self) -> dict[str, bytes]:
        return self._state_of(contents(self._root))

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
        with closing(sqlite3.connect(self._root / "var" / "jedgebot.db")) as connection:
            return {one for (one,) in connection.execute("SELECT * FROM alembic_version")}


def _difference(one: dict[str, bytes], other: dict[str, bytes]) -> set[str]:
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


def main() -> int:
    """Kill as many adds as the command line says; return the exit code."""
    parser = argparse.ArgumentParser(prog="./run kill-test", description=__doc__)
    parser.add_argument("kills", type=int, nargs="?", default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--few-proofs", action="store_true", help="leave out what takes long")
    options = parser.parse_args()
    sys.stdout.write(f"seed {options.seed}\n")
    with tempfile.TemporaryDirectory(prefix="jedgebot-kill-") as directory:
        chance = random.Random(options.seed)  # noqa: S311 - no secret
        victims = Victims(Path(directory), chance, all_proofs=not options.few_proofs)
        left: Counter[str] = Counter()
        for number in range(options.kills):
            left[victims.kill_one(number)] += 1
            sys.stdout.write(f"\r{number + 1} killed: {left['old']} times old, {left['new']} new")
            sys.stdout.flush()
    sys.stdout.write("\nnever anything in between\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
