"""What one run of the benchmark found, kept as JSON."""

import json
import statistics
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from benchmarks.contenders import DatabaseName
from benchmarks.measure import Effort, Measurement
from benchmarks.traffic import Scenario

RESULTS = Path(__file__).resolve().parents[1] / "var" / "bench"
UNEVEN_CORES = 0.3


@dataclass(frozen=True)
class Figures:
    """Medians of one contender in one scenario; None where nothing tells them.

    Attributes:
        slowest: requests per second of the slowest round; `fastest` of the fastest.
        uneven: rounds left out because other programs were busier or idler than usual.
    """

    cpu_us: float
    database_us: float
    requests_per_second: float
    slowest: float
    fastest: float
    p50_ms: float | None
    p99_ms: float | None
    memory_mib: float | None
    faults: int
    rounds: int
    uneven: int


@dataclass
class Results:
    """Everything that was measured, and with what.

    Attributes:
        left_out: contenders that this machine cannot run, and why.
        failures: contenders that did not start or gave wrong answers, and how.
    """

    database: DatabaseName
    version: str
    date: str
    command: str
    cores: int
    workers: int
    rounds: int
    effort: Effort
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    measured: list[list[Measurement]] = field(default_factory=list)

    def save(self, path: Path) -> None:
        """Write the results."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read results that were saved."""
        kept = json.loads(path.read_text())
        kept["effort"] = Effort(**kept["effort"])
        kept["measured"] = [[Measurement(**one) for one in round_] for round_ in kept["measured"]]
        return cls(**kept)

    @classmethod
    def latest(cls, database: DatabaseName) -> Self | None:
        """The newest results on a database."""
        paths = sorted(RESULTS.glob(f"{database}-*.json"))
        return cls.load(paths[-1]) if paths else None

    def names(self) -> list[str]:
        """The contenders that were measured, in the order of the first round."""
        return list(dict.fromkeys(one.contender for round_ in self.measured for one in round_))

    def ours(self) -> str | None:
        """Who the others are compared with: the lane, or the plain form where there is none."""
        return next((name for name in ("lane", "plain") if name in self.names()), None)

    def figures(self, contender: str, scenario: Scenario) -> Figures | None:
        """The medians over the rounds; None if it was not measured."""
        even: list[Measurement] = []
        uneven: list[Measurement] = []
        for round_ in filter(None, self.measured):
            usual = statistics.median(one.others_cores for one in round_)
            for one in round_:
                if (one.contender, one.scenario) == (contender, scenario):
                    differs = abs(one.others_cores - usual) > UNEVEN_CORES
                    (uneven if differs else even).append(one)
        taken = even or uneven
        if not taken:
            return None
        rates = [one.requests_per_second for one in taken]
        return Figures(
            cpu_us=statistics.median(one.cpu_us for one in taken),
            database_us=statistics.median(one.database_us for one in taken),
            requests_per_second=statistics.median(rates),
            slowest=min(rates),
            fastest=max(rates),
            p50_ms=_median(taken, lambda one: one.p50_ms),
            p99_ms=_median(taken, lambda one: one.p99_ms),
            memory_mib=_median(taken, lambda one: one.memory_mib),
            faults=sum(one.faults for one in even + uneven),
            rounds=len(taken),
            uneven=len(uneven) if even else 0,
        )


def save_portfolios(database: DatabaseName, moment: str, found: dict[str, float]) -> Path:
    """Write what large portfolios cost; return where."""
    path = RESULTS / f"portfolios-{database}-{moment}.json"
    path.write_text(json.dumps(found, indent=1))
    return path


def latest_portfolios(database: DatabaseName) -> dict[str, float] | None:
    """The newest figures of large portfolios on a database."""
    paths = sorted(RESULTS.glob(f"portfolios-{database}-*.json"))
    found: dict[str, float] = json.loads(paths[-1].read_text()) if paths else {}
    # Earlier ones have not all of them.
    return found if "imported" in found else None


def _median(
    taken: Iterable[Measurement], value: Callable[[Measurement], float | None]
) -> float | None:
    values = [found for one in taken if (found := value(one)) is not None]
    return statistics.median(values) if values else None
