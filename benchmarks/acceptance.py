"""The figures that were promised, beside those of the newest runs.

    python -m benchmarks.acceptance [--publish]

Reads what `./run bench`, `./run bench --database sqlite` and `./run bench-modules` kept.
Exits with 1 if a figure is missing or not reached.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.publish import publish
from benchmarks.report import TITLES
from benchmarks.results import RESULTS, Figures, Results
from benchmarks.traffic import SCENARIOS

PYTHON_PEERS = ("guide", "django", "litestar")
MANY_MODULES = 1000
MIB_OF_A_WORKER = 80.0


@dataclass(frozen=True)
class Promise:
    """How many times better than a contender, in CPU per request and in requests per second.

    Attributes:
        times: for each scenario.
        p99: at most this part of the other's 99th percentile.
    """

    against: str
    times: tuple[float, float, float]
    p99: float | None = None


@dataclass(frozen=True)
class Verdict:
    """One promise in one scenario."""

    what: str
    promised: str
    found: str
    reached: bool | None  # None: not measured


POSTGRESQL = (
    *(Promise(peer, (5.0, 6.0, 3.0)) for peer in PYTHON_PEERS),
    Promise("sqlmodel", (8.0, 8.0, 6.0)),
    Promise("fastify", (1.0, 1.5, 1.0), p99=0.6),
    Promise("bare", (0.8, 0.8, 0.8)),
)
SQLITE = (Promise("plain", (8.0, 5.0, 3.5)),)

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
    verdicts = [
        *_against(Results.latest("postgresql"), "PostgreSQL", POSTGRESQL),
        *_against(Results.latest("sqlite"), "SQLite", SQLITE),
        *_memory(Results.latest("postgresql")),
        *_modules(),
    ]
    lines = ["| what | promised | found | |", "|---|---:|---:|---|"]
    for verdict in verdicts:
        state = {True: "reached", False: "**missed**", None: "not measured"}[verdict.reached]
        lines.append(f"| {verdict.what} | {verdict.promised} | {verdict.found} | {state} |")
    text = "\n".join(lines)
    sys.stdout.write(f"{text}\n")
    if options.publish:
        publish("acceptance", text)
    return 0 if all(verdict.reached for verdict in verdicts) else 1


def _against(
    results: Results | None, database: str, promises: tuple[Promise, ...]
) -> Iterator[Verdict]:
    for promise in promises:
        for scenario, times in zip(SCENARIOS, promise.times, strict=True):
            what = f"{scenario} on {database} against {TITLES[promise.against]}"
            found = results.figures(promise.against, scenario) if results else None
            ours = results.figures("lane", scenario) if results else None
            if found is None or ours is None:
                yield Verdict(what, f"{times:g}x", "", None)
                continue
            yield from _compared(what, times, promise.p99, ours, found)


def _compared(
    what: str, times: float, p99: float | None, ours: Figures, other: Figures
) -> Iterator[Verdict]:
    cpu = other.cpu_us / ours.cpu_us
    yield Verdict(f"{what}: CPU", f"{times:g}x", f"{cpu:.2f}x", cpu >= times)
    rate = ours.requests_per_second / other.requests_per_second
    yield Verdict(f"{what}: requests/s", f"{times:g}x", f"{rate:.2f}x", rate >= times)
    if p99 is not None and ours.p99_ms is not None and other.p99_ms is not None:
        part = ours.p99_ms / other.p99_ms
        yield Verdict(f"{what}: p99", f"at most {p99:g}", f"{part:.2f}", part <= p99)
    if ours.faults or other.faults:
        yield Verdict(f"{what}: faults", "0", f"{ours.faults} and {other.faults}", reached=False)


def _memory(results: Results | None) -> Iterator[Verdict]:
    found = [
        figures.memory_mib
        for scenario in SCENARIOS
        if results and (figures := results.figures("lane", scenario)) and figures.memory_mib
    ]
    what, promised = "memory of a worker under load", f"at most {MIB_OF_A_WORKER:g} MiB"
    if not found:
        yield Verdict(what, promised, "", None)
        return
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
            yield Verdict(what, promised, f"{value(found):.2f}", value(found) <= limit)


if __name__ == "__main__":
    sys.exit(main())
