"""JedgeBot beside other stacks: CPU, requests per second and latency of three requests.

Then what large portfolios cost beside a bare loop over their rows: imports, holdings, lists. Run
with PostgreSQL, or with --database sqlite. The figures mean something only on a machine that does
nothing else meanwhile.
"""

import argparse
import shlex
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

from benchmarks import portfolio_report, portfolios
from benchmarks.answers import WrongAnswer
from benchmarks.arena import Arena, Entrant, arena
from benchmarks.chart import chart
from benchmarks.contenders import CONTENDERS, DatabaseName
from benchmarks.database_limit import NAME as PGBENCH
from benchmarks.dataset import Dataset
from benchmarks.environments import PeerUnavailable
from benchmarks.measure import Effort, Measurement
from benchmarks.portfolios import NAME as PORTFOLIOS
from benchmarks.publish import Section, publish
from benchmarks.report import report
from benchmarks.results import RESULTS, Results, save_portfolios
from benchmarks.servers import ServerFailed
from benchmarks.traffic import SCENARIOS, Scenario
from jedgebot.serving import cores

_BY_NAME = {contender.name: contender for contender in CONTENDERS}
_SECTIONS: dict[DatabaseName, Section] = {
    "postgresql": "portfolios",
    "sqlite": "portfolios-sqlite",
}


def main() -> int:
    """Run the benchmark and print its report; return the exit code."""
    options = _parser().parse_args()
    if sys.platform != "linux":
        say("error: CPU is counted through /proc, which only Linux has.")
        say("hint: run it in a container or on a Linux machine.")
        return 1
    names = _names(options)
    RESULTS.mkdir(parents=True, exist_ok=True)
    failed = False
    with tempfile.TemporaryDirectory(prefix="run-", dir=RESULTS) as directory:
        contenders = [name for name in names if name != PORTFOLIOS]
        if contenders:
            failed = _contenders_fail(options, contenders, Path(directory))
        if PORTFOLIOS in names:
            _measure_portfolios(options, Path(directory))
    return 1 if failed else 0


def _contenders_fail(options: argparse.Namespace, names: Sequence[str], scratch: Path) -> bool:
    """Measure contenders and tell what was found; whether one of them failed."""
    say(f"Filling {options.database}")
    with arena(options.database, Dataset(), scratch) as made:
        results = Results(
            database=options.database,
            version=made.version,
            date=f"{datetime.now(UTC):%Y-%m-%d}",
            command=_command(),
            cores=cores(),
            workers=options.workers,
            rounds=options.rounds,
            effort=Effort(options.connections, options.seconds, options.warm_seconds),
        )
        Tournament(made, results).run(names)
    kept = RESULTS / f"{options.database}-{_moment()}.json"
    results.save(kept)
    text = report(results)
    _tell(text, kept)
    if options.publish:
        publish(results.database, text, chart(results) if results.database == "postgresql" else "")
    return bool(results.failures)


def _measure_portfolios(options: argparse.Namespace, scratch: Path) -> None:
    """Measure large portfolios and tell what was found."""
    say(f"Portfolios on {options.database}")
    found, version = portfolios.measured(options.database, scratch, options.rounds)
    kept = save_portfolios(options.database, _moment(), found)
    conditions = f"{datetime.now(UTC):%Y-%m-%d}, {version}, {cores()} cores; `{_command()}`."
    text = portfolio_report.report(found, conditions, on_sqlite=options.database == "sqlite")
    _tell(text, kept)
    if options.publish:
        publish(_SECTIONS[options.database], text)


def _tell(text: str, kept: Path) -> None:
    say(f"\n{text}\n\nKept as var/bench/{kept.name}")


def _moment() -> str:
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}"


def _command() -> str:
    return shlex.join(["./run", "bench", *sys.argv[1:]])


@dataclass
class Tournament:
    """Who takes part, what each weighs alone, and all rounds.

    In a round all serve side by side, and each scenario is measured with one contender after the
    other, in reverse order in every second round: the speed of a machine changes within minutes.
    Memory is that of a contender that runs alone, since others would share libraries with it.
    """

    arena: Arena
    results: Results
    memory_mib: dict[tuple[str, Scenario], float | None] = field(default_factory=dict)

    def run(self, names: Sequence[str]) -> None:
        """Run the rounds; who fails once takes no further part."""
        for name in names:
            if name != PGBENCH:
                say(f"Alone: {name}")
                self._weigh(name)
        for number in range(self.results.rounds):
            say(f"Round {number + 1} of {self.results.rounds}")
            order = names if number % 2 == 0 else list(reversed(names))
            self.results.measured.append(self._round(order))

    def _weigh(self, name: str) -> None:
        effort = replace(self.results.effort, seconds=self.results.effort.warm_seconds)
        with ExitStack() as stack:
            entrant = self._entered(name, stack)
            if entrant is None:
                return
            for scenario in SCENARIOS:
                found = self.arena.measured(entrant, scenario, effort)
                self.memory_mib[name, scenario] = found.memory_mib

    def _round(self, order: Sequence[str]) -> list[Measurement]:
        found: list[Measurement] = []
        with ExitStack() as stack:
            entrants = {name: self._entered(name, stack) for name in order if name != PGBENCH}
            for scenario, name in product(SCENARIOS, order):
                if name == PGBENCH:
                    found.append(self.arena.measured_limit(scenario, self.results.effort))
                elif (entrant := entrants[name]) is not None:
                    taken = self.arena.measured(entrant, scenario, self.results.effort)
                    found.append(replace(taken, memory_mib=self.memory_mib[name, scenario]))
        return found

    def _entered(self, name: str, stack: ExitStack) -> Entrant | None:
        """The contender, once it serves; None if it takes no part."""
        results = self.results
        if name in {**results.failures, **results.left_out}:
            return None
        try:
            entrant = self.arena.entered(_BY_NAME[name], results.workers, stack)
        except PeerUnavailable as error:
            results.left_out[name] = str(error)
            return None
        except (ServerFailed, WrongAnswer) as error:
            results.failures[name] = str(error)
            return None
        results.versions[name] = dict(entrant.server.launch.versions)
        return entrant


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _names(options: argparse.Namespace) -> list[str]:
    """The contenders that are wanted and can use the database."""
    possible = [one.name for one in CONTENDERS if options.database in one.databases]
    if options.database == "postgresql":
        possible.append(PGBENCH)
    possible.append(PORTFOLIOS)
    wanted = options.only.split(",") if options.only else possible
    for name in wanted:
        if name not in possible:
            say(f"error: {name!r} does not run on {options.database}.")
            say(f"hint: these do: {', '.join(possible)}.")
            sys.exit(2)
    return [name for name in possible if name in wanted]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("--only", help='contenders, or "portfolios", with commas between them')
    parser.add_argument("--database", choices=["postgresql", "sqlite"], default="postgresql")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--warm-seconds", type=float, default=1.0, help="before each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--workers", type=int, default=1, help="processes of each server")
    parser.add_argument(
        "--publish", action="store_true", help="write docs/performance.md and its chart"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
