"""The databases of one run of the benchmark, and contenders that are measured on them."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import databases
from benchmarks.answers import check_answers
from benchmarks.contenders import Contender, DatabaseName
from benchmarks.database_limit import NAME as PGBENCH
from benchmarks.database_limit import measured_limit, scripts_of
from benchmarks.dataset import Dataset
from benchmarks.measure import Effort, Measurement, measured
from benchmarks.processes import postmaster
from benchmarks.servers import Server, serving
from benchmarks.traffic import SCENARIOS, Client, Scenario, cursors_of, requests_of


@dataclass(frozen=True)
class Entrant:
    """A contender that serves, and what it is sent."""

    contender: Contender
    server: Server
    requests: Mapping[Scenario, list[str]]


@dataclass(frozen=True)
class Arena:
    """One database with its rows, for one contender after another.

    Attributes:
        url: of the database that has our own column types.
        peers_url: of the one that the peers use; the same on PostgreSQL.
        database: process id of PostgreSQL; None with SQLite.
        version: of the database.
    """

    name: DatabaseName
    dataset: Dataset
    scratch: Path
    url: str
    peers_url: str
    database: int | None
    version: str

    def settle(self, contender: Contender | None) -> None:
        """Forget what was written, and leave nothing to do for the next measurement."""
        if self.name == "postgresql":
            databases.settle_postgresql(self.url)
        elif contender is not None:
            path = self._url_for(contender).removeprefix("sqlite:///")
            databases.settle_sqlite(Path(path))

    def entered(self, contender: Contender, workers: int, stack: ExitStack) -> "Entrant":
        """Start a contender, which then serves until the stack is closed; check its answers.

        Raises:
            PeerUnavailable: it cannot be run on this machine.
            ServerFailed: it did not start.
            WrongAnswer: it does something else than the others.
        """
        self.settle(contender)
        log = self.scratch / f"{contender.name}.log"
        number = contender.workers or workers
        server = stack.enter_context(serving(contender, self._url_for(contender), number, log))
        if contender.answers:
            check_answers(server.port, self.dataset, contender)
        client = Client(server.port)
        cursors = cursors_of(client, self.dataset, contender)
        client.close()
        requests = {
            scenario: requests_of(scenario, self.dataset, contender, cursors)
            for scenario in SCENARIOS
        }
        return Entrant(contender, server, requests)

    def measured(self, entrant: "Entrant", scenario: Scenario, effort: Effort) -> Measurement:
        """Measure one scenario with a contender that serves."""
        self.settle(entrant.contender)
        requests = entrant.requests[scenario]
        return measured(entrant.server, scenario, requests, effort, self.database)

    def measured_limit(self, scenario: Scenario, effort: Effort) -> Measurement:
        """Measure one scenario with pgbench.

        Raises:
            ValueError: the database is not PostgreSQL.
        """
        if self.database is None:
            raise ValueError(f"{PGBENCH} measures PostgreSQL only.")
        self.settle(None)
        scripts = scripts_of(scenario, self.dataset, self.scratch / "pgbench")
        return measured_limit(self.url, scenario, scripts, effort, self.database)

    def _url_for(self, contender: Contender) -> str:
        return self.url if contender.own_types else self.peers_url


@contextmanager
def arena(name: DatabaseName, dataset: Dataset, scratch: Path) -> Iterator[Arena]:
    """Make the database and fill it; remove it in the end."""
    if name == "sqlite":
        ours, peers = scratch / "ours.db", scratch / "peers.db"
        databases.seed_sqlite(ours, dataset)
        databases.seed_peers_sqlite(peers, ours)
        urls = f"sqlite:///{ours}", f"sqlite:///{peers}"
        yield Arena(name, dataset, scratch, *urls, None, databases.sqlite_version())
        return
    with databases.postgresql_server(scratch) as server:
        url = server.create_database("bench")
        databases.seed_postgresql(url, dataset)
        version = f"PostgreSQL {server.version}"
        yield Arena(name, dataset, scratch, url, url, postmaster(), version)
