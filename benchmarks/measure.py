"""One measurement: a scenario sent to a server for some seconds."""

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.load import Order, Summary
from benchmarks.processes import cpu_seconds, machine_cpu_seconds, memory_mib
from benchmarks.servers import Server
from benchmarks.traffic import EXPECTED_STATUS, Scenario

_LOAD = Path(__file__).with_name("load.py")


@dataclass(frozen=True)
class Effort:
    """How hard and how long is measured.

    Attributes:
        seconds: of each measurement.
        warm_seconds: before each measurement.
    """

    connections: int = 32
    seconds: float = 5.0
    warm_seconds: float = 1.0


@dataclass(frozen=True)
class Measurement:
    """What was found. Times of the CPU are microseconds per request.

    Attributes:
        cpu_us: of all processes of the server.
        database_us: of all processes of PostgreSQL; 0 with SQLite, which runs in the server.
        memory_mib: proportional set size per worker, after the load.
        others_cores: how many cores other programs of the machine kept busy meanwhile.
        faults: answers of another status than expected, and requests without an answer.
    """

    contender: str
    scenario: Scenario
    cpu_us: float
    database_us: float
    requests_per_second: float
    p50_ms: float | None
    p99_ms: float | None
    memory_mib: float | None
    others_cores: float
    answers: int
    faults: int = 0
    statuses: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Usage:
    """CPU seconds until now."""

    server: float
    database: float
    generator: float
    machine: float
    clock: float

    @classmethod
    def now(cls, server: int | None, database: int | None) -> "Usage":
        """Read the counters of a server's and a database's process tree."""
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return cls(
            cpu_seconds(server) if server else 0.0,
            cpu_seconds(database) if database else 0.0,
            children.ru_utime + children.ru_stime,
            machine_cpu_seconds(),
            time.perf_counter(),
        )

    def since(self, before: "Usage") -> "Usage":
        """What was used between."""
        return Usage(
            self.server - before.server,
            self.database - before.database,
            self.generator - before.generator,
            self.machine - before.machine,
            self.clock - before.clock,
        )

    @property
    def others_cores(self) -> float:
        """Cores that were kept busy by other programs."""
        known = self.server + self.database + self.generator
        return max(0.0, (self.machine - known) / self.clock)


def measured(
    server: Server,
    scenario: Scenario,
    requests: list[str],
    effort: Effort,
    database: int | None,
) -> Measurement:
    """Warm the server up, then load it.

    Args:
        server: who answers.
        scenario: what kind the requests are of.
        requests: what is sent.
        effort: how much of it.
        database: process id of PostgreSQL.
    """
    order = Order(port=server.port, connections=effort.connections, seconds=0, requests=requests)
    loaded(Order(**{**order, "seconds": effort.warm_seconds}))
    before = Usage.now(server.process_id, database)
    found = loaded(Order(**{**order, "seconds": effort.seconds}))
    used = Usage.now(server.process_id, database).since(before)
    answers = max(found["answers"], 1)
    expected = EXPECTED_STATUS[scenario] if server.contender.answers else "200"
    right = found["statuses"].get(expected, 0)
    return Measurement(
        contender=server.contender.name,
        scenario=scenario,
        cpu_us=used.server / answers * 1e6,
        database_us=used.database / answers * 1e6,
        requests_per_second=found["answers"] / found["seconds"],
        p50_ms=found["p50_ms"],
        p99_ms=found["p99_ms"],
        memory_mib=memory_mib(server.process_id) / server.workers,
        others_cores=used.others_cores,
        answers=found["answers"],
        faults=found["answers"] - right + found["unanswered"] + found["closed"],
        statuses=found["statuses"],
    )


def loaded(order: Order) -> Summary:
    """Run the load generator in a process of its own."""
    done = subprocess.run(
        [sys.executable, str(_LOAD)],
        input=json.dumps(order),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    summary: Summary = json.loads(done.stdout)
    return summary
