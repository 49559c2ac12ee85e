"""The figures that were promised, beside those of the newest runs.

    python -m benchmarks.acceptance [--publish]

Reads what `./run bench`, `./run bench --database sqlite` and `./run bench-modules` kept. The
figures of a database come from one run of it, in which all contenders took turns. Exits with 1
if a figure is missing or not reached.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from benchmarks.contenders import DatabaseName
from benchmarks.portfolio_report import verdicts as verdicts_of_portfolios
from benchmarks.publish import publish
from benchmarks.report import TITLES
from benchmarks.results import RESULTS, Figures, Results, latest_portfolios
from benchmarks.traffic import SCENARIOS
from benchmarks.verdicts import Verdict, at_most, table

OURS = "lane"
PER_CORE = "cores"
BEST_PEER = "best Python peer"
PYTHON_PEERS = ("guide", "sqlmodel", "django", "litestar")
MANY_MODULES = 1000
MIB_OF_A_WORKER = 80.0


@dataclass(frozen=True)
class Promise:
    """How many times better than others, in CPU per request and in requests per second.

    Attributes:
        against: who they are.
        contenders: their names; of several, the best in each figure counts.
        times: for each scenario.
        p99: at most this part of the other's 99th percentile.
    """

    against: str
    contenders: tuple[str, ...]
    times: tuple[float, float, float]
    p99: float | None = None


POSTGRESQL = (
    Promise(BEST_PEER, PYTHON_PEERS, (5.0, 6.0, 3.0)),
    Promise(TITLES["sqlmodel"], ("sqlmodel",), (8.0, 8.0, 6.0)),
    Promise(TITLES["fastify"], ("fastify",), (1.0, 1.5, 1.0), p99=0.6),
    Promise(TITLES["bare"], ("bare",), (0.8, 0.8, 0.8)),
)
SQLITE = (Promise(TITLES["plain"], ("plain",), (8.0, 5.0, 3.5)),)

MODULE_LIMITS: dict[str, tuple[float, Callable[[dict[str, float]], float]]] = {
    "start, CPU s": (1.0, lambda found: found["start"]),
    "MiB after the start": (100.0, lambda found: found["start_mib"]),
    "GET on the last module, times the first": (
        1.2,
        lambda found: found["last_module"] / found["first_module"],
    ),
    "404, ms": (0.2, lambda found: found["not_found"] * 1e3),
    "first request, ms": (20.0, lambda found: found["first_request"] * 1e3),
}


def main() -> int:
    """Print the table; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.acceptance", description=__doc__)
    parser.add_argument("--publish", action="store_true", help="write docs/performance.md")
    options = parser.parse_args()
    on_postgresql, on_sqlite = Results.latest("postgresql"), Results.latest("sqlite")
    verdicts = [
        *_against(on_postgresql, "PostgreSQL", POSTGRESQL),
        *_against(on_sqlite, "SQLite", SQLITE),
        *_memory(on_postgresql, "PostgreSQL"),
        *_memory(on_sqlite, "SQLite"),
        *_modules(),
        *_portfolios("postgresql", "PostgreSQL"),
        *_portfolios("sqlite", "SQLite"),
    ]
    text = table("what", verdicts)
    sys.stdout.write(f"{text}\n")
    if options.publish:
        publish("acceptance", text)
    return 0 if all(verdict.reached for verdict in verdicts) else 1


def _against(
    results: Results | None, database: str, promises: tuple[Promise, ...]
) -> Iterator[Verdict]:
    for promise in promises:
        for scenario, times in zip(SCENARIOS, promise.times, strict=True):
            what = f"{scenario} on {database} against {promise.against}"
            ours = results.figures(OURS, scenario) if results else None
            others = {
                TITLES[name]: found
                for name in promise.contenders
                if results and (found := results.figures(name, scenario))
            }
            # The best of some is not known while one of them is not.
            if ours is None or len(others) < len(promise.contenders):
                yield Verdict(what, f"{times:g}x", "", None)
                continue
            yield from _compared(what, times, promise.p99, ours, others)


def _compared(
    what: str, times: float, p99: float | None, ours: Figures, others: dict[str, Figures]
) -> Iterator[Verdict]:
    def named(found: str, best: str) -> str:
        return found if len(others) == 1 else f"{found} ({best})"

    best = min(others, key=lambda name: others[name].cpu_us)
    cpu = others[best].cpu_us / ours.cpu_us
    yield Verdict(f"{what}: CPU", f"{times:g}x", named(f"{cpu:.2f}x", best), cpu >= times)
    best = max(others, key=lambda name: others[name].requests_per_second)
    rate = ours.requests_per_second / others[best].requests_per_second
    yield Verdict(f"{what}: requests/s", f"{times:g}x", named(f"{rate:.2f}x", best), rate >= times)
    latencies = [found.p99_ms for found in others.values() if found.p99_ms is not None]
    if p99 is not None and ours.p99_ms is not None and latencies:
        part = ours.p99_ms / min(latencies)
        yield Verdict(f"{what}: p99", f"at most {p99:g}", f"{part:.2f}", part <= p99)
    faults = [ours.faults, *(found.faults for found in others.values())]
    if any(faults):
        yield Verdict(f"{what}: faults", "0", ", ".join(map(str, faults)), reached=False)


def _memory(results: Results | None, database: str) -> Iterator[Verdict]:
    # Several workers share what they have loaded.
    alone = results if results and results.workers == 1 else None
    which = (
        (alone, OURS, "of a single worker"),
        (results, PER_CORE, "per worker, one for each core"),
    )
    for measured, name, workers in which:
        found = [
            figures.memory_mib
            for scenario in SCENARIOS
            if measured and (figures := measured.figures(name, scenario)) and figures.memory_mib
        ]
        what = f"memory under load on {database} {workers}"
        promised = f"at most {MIB_OF_A_WORKER:g} MiB"
        if not found:
            yield Verdict(what, promised, "", None)
            continue
        yield Verdict(what, promised, f"{max(found):.0f} MiB", max(found) <= MIB_OF_A_WORKER)


def _modules() -> Iterator[Verdict]:
    paths = sorted(RESULTS.glob("modules-*.json"))
    kept: dict[str, dict[str, float]] = json.loads(paths[-1].read_text()) if paths else {}
    found = kept.get(str(MANY_MODULES))
    for name, (limit, value) in MODULE_LIMITS.items():
        what, promised = f"{MANY_MODULES} modules: {name}", f"at most {limit:g}"
        if found is None:
            yield Verdict(what, promised, "", None)
        else:
            yield at_most(what, limit, value(found))


def _portfolios(database: DatabaseName, title: str) -> Iterator[Verdict]:
    found = latest_portfolios(database)
    if found is None:
        yield Verdict(f"portfolios on {title}", "", "", None)
        return
    for verdict in verdicts_of_portfolios(found, on_sqlite=database == "sqlite"):
        if verdict.promised:
            yield replace(verdict, what=f"portfolios on {title}: {verdict.what}")


if __name__ == "__main__":
    sys.exit(main())
