"""`./run fuzz`: adds random tables, and the example of a back office, with all proofs.

Each valid specification has to pass, each invalid one has to be refused in two lines, without a
trace in the project. A failure prints how to try it again: the same seed makes the same ones.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from tests.cli.forked_runs import new_project
from tests.cli.fuzz_project import FuzzProject

ROOT = Path(__file__).parents[2]
_BACK_OFFICE = ROOT / "docs" / "examples" / "back_office.toml"
_projects: list[FuzzProject] = []  # the one of this process


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
    parser.add_argument("--first", type=int, default=1, help="leave out those before this one")
    parser.add_argument("--only", type=int, help="leave out all but this one")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--no-postgresql", action="store_true")
    parser.add_argument("--few-proofs", action="store_true", help="leave out what takes long")
    parser.add_argument("--no-back-office", action="store_true")
    options = parser.parse_args()
    found = specifications(options.valid, options.invalid, options.seed)
    if not options.no_back_office:
        found.insert(0, {"toml": _BACK_OFFICE.read_text(encoding="utf-8")})
    numbers = [options.only] if options.only else range(options.first, len(found) + 1)
    again = f"./run fuzz {options.valid} --invalid {options.invalid} --seed {options.seed}"
    if options.no_back_office:
        again += " --no-back-office"
    with tempfile.TemporaryDirectory(prefix="jedgebot-fuzz-") as directory:
        new_project(Path(directory, "whole"))
        kinds = {"postgresql": not options.no_postgresql, "few_proofs": options.few_proofs}
        faults = 0
        with ProcessPoolExecutor(
            options.jobs, multiprocessing.get_context("fork"), _begin, (Path(directory), kinds)
        ) as pool:
            tried = {pool.submit(_try, found[number - 1]): number for number in numbers}
            for count, future in enumerate(as_completed(tried), 1):
                if fault := future.result():
                    faults += 1
                    sys.stdout.write(f"\n{fault}\n\nagain: {again} --only {tried[future]}\n")
                sys.stdout.write(
                    f"\r{count} of {len(tried)}, seed {options.seed}, {faults} not as they should"
                )
                sys.stdout.flush()
    sys.stdout.write("\n" if faults else "\nall as they should\n")
    return 1 if faults else 0


def _begin(directory: Path, kinds: dict[str, bool]) -> None:
    """Make the project of this process."""
    own = Path(tempfile.mkdtemp(dir=directory))
    _projects.append(FuzzProject(directory / "whole", own, **kinds))


def _try(one: dict[str, list[str] | str]) -> str:
    """Add a specification, or let it be refused; say what is wrong with what came of it."""
    [project] = _projects
    try:
        match one:
            case {"toml": str(text)}:
                project.add(text)
            case {"words": list(words)}:
                project.refuse(words)
    except AssertionError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    sys.exit(main())
