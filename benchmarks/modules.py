"""What the number of modules costs: start, memory, routing, the OpenAPI document.

Modules are made in a temporary copy of the backend, each as `jedgebot table add` writes it,
and mounted as the shipped ones are.
"""

import argparse
import json
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.dataset import SECRET_KEY
from benchmarks.publish import publish
from benchmarks.results import RESULTS
from jedgebot.rendering.module import render_module
from jedgebot.spec.grammar import parse_table

Found = dict[str, float]

_ROOT = Path(__file__).resolve().parents[1]
_PATTERN_MODULE, _PATTERN_MODEL = "user_profiles", "UserProfile"
_FIELDS = (
    "symbol:str:20:index",
    "side:enum:buy,sell",
    "quantity:decimal:20,8",
    "executed_at:datetime",
    "external_ref:str:64:unique",
    "note:text:null",
)
_COLUMNS = {
    "start": ("start, CPU s", 1.0, 2),
    "start_mib": ("MiB after it", 1.0, 0),
    "first_request": ("first request, ms", 1e3, 1),
    "second_request": ("second, ms", 1e3, 1),
    "next_module": ("first to another module, ms", 1e3, 1),
    "served_mib": ("MiB after them", 1.0, 0),
    "first_module": ("GET on first module, us", 1e6, 0),
    "last_module": ("on last, us", 1e6, 0),
    "not_found": ("404, us", 1e6, 0),
    "openapi": ("/openapi.json, ms", 1e3, 0),
    "openapi_again": ("again, ms", 1e3, 1),
    "end_mib": ("MiB in the end", 1.0, 0),
}


def main() -> int:
    """Measure and print a table; return the exit code."""
    parser = argparse.ArgumentParser(prog="./run bench-modules", description=__doc__)
    parser.add_argument("--modules", default="10,100,1000", help="numbers with commas between")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--publish", action="store_true", help="write docs/performance.md")
    options = parser.parse_args()
    numbers = [int(number) for number in options.modules.split(",")]
    found: dict[int, list[Found]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="jedgebot-modules-") as directory:
        trees = {number: Path(directory) / str(number) for number in numbers}
        for number, tree in trees.items():
            make_tree(tree, number)
        for round_ in range(options.rounds):
            for number in numbers[:: -1 if round_ % 2 else 1]:
                sys.stdout.write(f"Round {round_ + 1} of {options.rounds}: {number} modules\n")
                sys.stdout.flush()
                found[number].append(probed(trees[number], number))
    medians = {number: _medians(rounds) for number, rounds in found.items()}
    text = report(medians, shlex.join(["./run", "bench-modules", *sys.argv[1:]]))
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"modules-{datetime.now(UTC):%Y%m%d-%H%M%S}.json").write_text(json.dumps(medians))
    sys.stdout.write(f"\n{text}\n")
    if options.publish:
        publish("modules", text)
    return 0


def make_tree(tree: Path, number: int) -> None:
    """Make a copy of the backend with so many modules more."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("backend", "alembic"):
        shutil.copytree(_ROOT / name, tree / name, ignore=ignored)
    shutil.copyfile(_ROOT / "alembic.ini", tree / "alembic.ini")
    spec = parse_table("entries", _FIELDS)
    for path, text in render_module(spec, {}).items():
        if path.parts[0] == "backend":
            for index in range(number):
                target = tree / _named(str(path), index)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(_named(text, index))
    for shared in (tree / "backend" / "main.py", tree / "backend" / "models" / "__init__.py"):
        shared.write_text(_mounted(shared.read_text(), number))


def probed(tree: Path, number: int) -> Found:
    """Start the application of a tree in a process of its own and time its requests."""
    database = tree / "probe.db"
    database.unlink(missing_ok=True)
    url = f"sqlite:///{database}"
    tables = [_named("entries", index) for index in (0, number // 2, number - 1)]
    token = _output_of(tree, "modules_database.py", url, *tables)
    paths = (f"/{table}" for table in tables)
    found: Found = json.loads(_output_of(tree, "modules_probe.py", *paths, url, SECRET_KEY, token))
    return found


def _output_of(tree: Path, script: str, *arguments: str) -> str:
    """What a script of this folder prints when it runs in a tree.

    Raises:
        RuntimeError: it fails.
    """
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name(script)), *arguments],
        cwd=tree,
        env={"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{tree.name} modules, {script}: {done.stderr[-2000:]}")
    return done.stdout


def report(medians: Mapping[int, Found], command: str) -> str:
    """The medians as Markdown."""
    headings = [heading for heading, _, _ in _COLUMNS.values()]
    conditions = (
        f"{datetime.now(UTC):%Y-%m-%d}, `{command}`, medians. Requests are timed in the process, "
        "without a server; a GET lists a user's three rows, on SQLite."
    )
    lines = [
        conditions,
        "",
        f"| modules | {' | '.join(headings)} |",
        f"|---:|{'---:|' * len(headings)}",
    ]
    for number, found in medians.items():
        cells = [f"{found[key] * unit:.{places}f}" for key, (_, unit, places) in _COLUMNS.items()]
        lines.append(f"| {number} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _medians(rounds: Sequence[Found]) -> Found:
    return {key: statistics.median(found[key] for found in rounds) for key in rounds[0]}


def _named(text: str, index: int) -> str:
    """The text of the rendered module, of another name."""
    renamed = re.sub(r"(?<![A-Za-z])entr(y|ies)\b", rf"m{index:04d}_entr\1", text)
    return renamed.replace("Entry", f"M{index:04d}Entry")


def _mounted(text: str, number: int) -> str:
    """A shared file with the lines of a shipped module repeated for each new one."""
    lines = []
    for line in text.splitlines():
        lines.append(line)
        if _PATTERN_MODULE in line:
            lines += [_in_place_of_the_pattern(line, index) for index in range(number)]
    return "\n".join(lines) + "\n"


def _in_place_of_the_pattern(line: str, index: int) -> str:
    name = _named("entries", index)
    line = line.replace(_PATTERN_MODULE, name).replace(_PATTERN_MODEL, _named("Entry", index))
    return line.replace('"/users"', f'"/{name}"')


if __name__ == "__main__":
    sys.exit(main())
