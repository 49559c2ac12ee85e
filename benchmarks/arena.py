"""The databases of one run of the benchmark, and one round in which every contender is measured."""

from collections.abc import Iterator
from contextlib import contextmanager
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
from benchmarks.servers import serving
from benchmarks.traffic import SCENARIOS, Client, cursors_of, requests_of


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

    def measured(
        self, contender: Contender, effort: Effort, workers: int
    ) -> tuple[list[Measurement], dict[str, str]]:
        """Start a contender, check its answers, measure each scenario.

        Returns:
            What was measured, and the versions of what it is made of.

        Raises:
            PeerUnavailable: it cannot be run on this machine.
            ServerFailed: it did not start.
            WrongAnswer: it does something else than the others.
        """
        found = []
        log = self.scratch / f"{contender.name}.log"
        number = contender.workers or workers
        with serving(contender, self._url_for(contender), number, log) as server:
            if contender.answers:
                check_answers(server.port, self.dataset, contender)
            client = Client(server.port)
            cursors = cursors_of(client, self.dataset, contender)
            client.close()
            for scenario in SCENARIOS:
                self.settle(contender)
                requests = requests_of(scenario, self.dataset, contender, cursors)
                found.append(measured(server, scenario, requests, effort, self.database))
            versions = dict(server.launch.versions)
        self.settle(contender)
        return found, versions

    def measured_limit(self, effort: Effort) -> list[Measurement]:
        """Measure each scenario with pgbench.

        Raises:
            ValueError: the database is not PostgreSQL.
        """
        if self.database is None:
            raise ValueError(f"{PGBENCH} measures PostgreSQL only.")
        found = []
        for scenario in SCENARIOS:
            self.settle(None)
            scripts = scripts_of(scenario, self.dataset, self.scratch / "pgbench")
            found.append(measured_limit(self.url, scenario, scripts, effort, self.database))
        self.settle(None)
        return found

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
