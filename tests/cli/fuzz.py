"""`./run fuzz`: adds random tables, and the example of a back office, with all proofs.

Each valid specification has to pass, each invalid one has to be refused in two lines, without a
trace in the project. A failure prints the command line; the same seed makes the same ones, and
`--first` goes on where a run has ended.
"""

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.cli.forked_runs import begun, ended, new_project
from tests.cli.trees import contents, restore

ROOT = Path(__file__).parents[2]
_BACK_OFFICE = ROOT / "docs" / "examples" / "back_office.toml"
_FILE = "tables.toml"
_ALL_PROOFS = "    _run(proofs, worker)\n"
_FEW_PROOFS = '    _run([one for one in proofs if "test" not in one.method], worker)\n'
_MISUSE, _LINES = 2, 2


class Fuzz:
    """A project in which tables are added, and from which they are taken again.

    Args:
        directory: where it is made.
        options: of `table add`, for all that is valid.
        few_proofs: whether to leave out the generated tests, which take longest.
    """

    def __init__(self, directory: Path, options: list[str], *, few_proofs: bool) -> None:
        project = new_project(directory / "project")
        self._root = project.root
        self._output = directory / "output"
        self._options = options
        if few_proofs:
            project.replace("jedgebot/proving.py", _ALL_PROOFS, _FEW_PROOFS)
        self._before = contents(self._root)

    def add(self, text: str) -> None:
        """Add the tables of a TOML file.

        Raises:
            AssertionError: they are refused, or leave something beside what they are.
        """
        (self._root / _FILE).write_text(text, encoding="utf-8")
        words = ["table", "add", "-f", _FILE, *self._options]
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


def specifications(valid: int, invalid: int, seed: int) -> list[dict[str, list[str] | str]]:
    """Random ones, made in a process of their own."""
    command = [sys.executable, "-m", "tests.cli.fuzz_specs", str(valid), str(invalid), str(seed)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def main() -> int:
    """Add as many as the command line says; return the exit code."""
    parser = argparse.ArgumentParser(prog="./run fuzz", description=__doc__)
    parser.add_argument("valid", type=int, nargs="?", default=200)
    parser.add_argument("--invalid", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--first", type=int, default=0, help="leave out so many, but -1")
    parser.add_argument("--no-postgresql", action="store_true")
    parser.add_argument("--few-proofs", action="store_true", help="leave out what takes long")
    parser.add_argument("--no-back-office", action="store_true")
    options = parser.parse_args()
    found = specifications(options.valid, options.invalid, options.seed)
    if not options.no_back_office:
        found.insert(0, {"toml": _BACK_OFFICE.read_text(encoding="utf-8")})
    with tempfile.TemporaryDirectory(prefix="jedgebot-fuzz-") as directory:
        without = ["--no-postgresql"] if options.no_postgresql else []
        fuzz = Fuzz(Path(directory), without, few_proofs=options.few_proofs)
        for number, one in enumerate(found[options.first :], options.first):
            sys.stdout.write(f"\r{number + 1} of {len(found)}, seed {options.seed}")
            sys.stdout.flush()
            try:
                match one:
                    case {"toml": str(text)}:
                        fuzz.add(text)
                    case {"words": list(words)}:
                        fuzz.refuse(words)
            except AssertionError as error:
                again = f"./run fuzz {options.valid} --invalid {options.invalid}"
                sys.stdout.write(
                    f"\n{error}\n\nagain: {again} --seed {options.seed} --first {number}\n"
                )
                return 1
    sys.stdout.write("\nall as they should\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
