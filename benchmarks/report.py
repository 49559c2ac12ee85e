"""The report of one run as Markdown: ratios first, then what they are made of."""

from collections.abc import Iterator

from benchmarks.contenders import CONTENDERS
from benchmarks.database_limit import CLIENTS
from benchmarks.database_limit import NAME as PGBENCH
from benchmarks.results import Figures, Results
from benchmarks.traffic import SCENARIOS, Scenario

TITLES = {
    **{contender.name: contender.title for contender in CONTENDERS},
    PGBENCH: "pgbench",
}
NOTES = {
    **{contender.name: contender.note for contender in CONTENDERS},
    PGBENCH: f"the same statements from C with {CLIENTS} connections: the limit of the database",
}


def report(results: Results) -> str:
    """The whole report."""
    return "\n".join([*_conditions(results), *_ratios(results), *_tables(results), *_ends(results)])


def ratio_cells(ours: Figures, other: Figures) -> tuple[float, float, float | None]:
    """How many times less CPU and more requests per second ours has, and its part of the p99."""
    p99 = ours.p99_ms / other.p99_ms if ours.p99_ms and other.p99_ms else None
    return (
        other.cpu_us / ours.cpu_us,
        ours.requests_per_second / other.requests_per_second,
        p99,
    )


def _conditions(results: Results) -> Iterator[str]:
    effort = results.effort
    yield (
        f"{results.date}, {results.version}, {results.cores} cores; `{results.command}`: "
        f"{results.workers} worker, {effort.connections} connections, {results.rounds} interleaved "
        f"rounds of {effort.seconds:g} s, medians."
    )
    yield ""


def _ratios(results: Results) -> Iterator[str]:
    ours = results.ours()
    others = [name for name in results.names() if name != ours]
    if ours is None or not others:
        return
    yield f"{TITLES[ours]} against each: CPU per request / requests per second / part of its p99."
    yield ""
    yield f"| against | {' | '.join(SCENARIOS)} |"
    yield f"|---|{'---:|' * len(SCENARIOS)}"
    for name in others:
        cells = [_ratio(results, ours, name, scenario) for scenario in SCENARIOS]
        yield f"| {TITLES[name]} | {' | '.join(cells)} |"
    yield ""


def _ratio(results: Results, ours: str, other: str, scenario: Scenario) -> str:
    mine, theirs = results.figures(ours, scenario), results.figures(other, scenario)
    if mine is None or theirs is None:
        return ""
    cpu, rate, p99 = ratio_cells(mine, theirs)
    # pgbench's own CPU is that of a client, not of a server.
    shown = [] if other == PGBENCH else [f"{cpu:.2f}x"]
    shown += [f"{rate:.2f}x", *([] if p99 is None else [f"{p99:.2f}"])]
    return " / ".join(shown)


def _tables(results: Results) -> Iterator[str]:
    headings = (
        "server CPU us | database CPU us | requests/s (rounds) | p50 ms | p99 ms | MiB/worker"
    )
    for scenario in SCENARIOS:
        yield f"| {scenario} | {headings} |"
        yield "|---|---:|---:|---:|---:|---:|---:|"
        for name in results.names():
            found = results.figures(name, scenario)
            if found is not None:
                yield f"| {TITLES[name]} | {' | '.join(_cells(found))} |"
        yield ""


def _cells(found: Figures) -> list[str]:
    faulty = f" ({found.faults} faults)" if found.faults else ""
    return [
        f"{found.cpu_us:.0f}{faulty}",
        f"{found.database_us:.0f}",
        f"{found.requests_per_second:.0f} ({found.slowest:.0f}-{found.fastest:.0f})",
        _shown(found.p50_ms, 1),
        _shown(found.p99_ms, 1),
        _shown(found.memory_mib, 0),
    ]


def _shown(value: float | None, places: int) -> str:
    return "" if value is None else f"{value:.{places}f}"


def _ends(results: Results) -> Iterator[str]:
    for name in results.names():
        versions = ", ".join(f"{one} {is_}" for one, is_ in results.versions.get(name, {}).items())
        yield f"- {TITLES[name]}: {NOTES[name]}{f' ({versions})' if versions else ''}."
    for name, reason in results.left_out.items():
        yield f"- {TITLES[name]} was left out: {reason}."
    for name, failure in results.failures.items():
        yield f"- {TITLES[name]} FAILED: {failure}"
    busiest = max((one.others_cores for round_ in results.measured for one in round_), default=0.0)
    uneven = sum(
        found.uneven
        for name in results.names()
        for scenario in SCENARIOS
        if (found := results.figures(name, scenario)) is not None
    )
    yield (
        f"- Other programs kept up to {busiest:.1f} cores busy meanwhile; {uneven} measurements "
        "beside an unusual load were left out."
    )
