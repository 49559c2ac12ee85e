"""Portfolios of many transactions: imports, holdings and lists, beside a bare FIFO loop.

    ./run bench-portfolios [--database sqlite] [--publish]

The bare loop (`benchmarks.ledger`) runs over the same rows in memory, in turns with what is
measured, so that a busy machine makes both slower. CPU is that of the server and, on PostgreSQL,
of its processes.
"""

import argparse
import csv
import io
import json
import shlex
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from statistics import mean

from benchmarks import databases
from benchmarks.arena import cores
from benchmarks.contenders import CONTENDERS, DatabaseName
from benchmarks.dataset import Dataset, Owner
from benchmarks.ledger import bare_fifo, random_entries
from benchmarks.processes import cpu_seconds, memory_mib, postmaster
from benchmarks.publish import publish
from benchmarks.results import RESULTS
from benchmarks.servers import Server, serving

ROWS_PER_SECOND = 5000
"""Promised of imports on SQLite."""
_ADDED = 20
_SYMBOLS = 50
_FIELDS = ("type", "trade_date", "symbol", "quantity", "price", "fee", "currency", "external_id")


@dataclass
class Cost:
    """What one kind of request took, of each time: CPU and clock in seconds."""

    cpu: list[float] = field(default_factory=list)
    clock: list[float] = field(default_factory=list)


@dataclass
class Book:
    """A portfolio on a server that runs, and what its requests took."""

    server: Server
    owner: Owner
    database: int | None
    settle: Callable[[], None]
    costs: dict[str, Cost] = field(default_factory=dict)

    def send(self, method: str, path: str, body: bytes = b"", kind: str = "text/csv") -> bytes:
        """Send a request; give back what is answered.

        Raises:
            RuntimeError: it is refused.
        """
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=600)
        headers = {"Authorization": f"Bearer {self.owner.token}", "Content-Type": kind}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status not in (200, 201):
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:500]!r}")
        return text

    def send_json(self, path: str, **fields: str) -> str:
        """Add a row; give back its id."""
        made = json.loads(self.send("POST", path, json.dumps(fields).encode(), "application/json"))
        return str(made["id"])

    def timed(self, what: str, send: Callable[[], bytes], times: int = 1) -> None:
        """Note the mean cost of so many requests."""
        cost = self.costs.setdefault(what, Cost())
        cpu, clock = self._used(), time.perf_counter()
        for _ in range(times):
            send()
        cost.clock.append((time.perf_counter() - clock) / times)
        cost.cpu.append((self._used() - cpu) / times)

    def _used(self) -> float:
        database = cpu_seconds(self.database) if self.database else 0.0
        return cpu_seconds(self.server.process_id) + database


def statement(rows: int) -> bytes:
    """A file of so many purchases and sales, each with an id."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_FIELDS)
    for number, entry in enumerate(random_entries(rows, _SYMBOLS)):
        values = (getattr(entry, name) for name in _FIELDS[:-1])
        writer.writerow([*values, number])
    return text.getvalue().encode()


def measure(book: Book, rows: int, rounds: int) -> dict[str, float]:
    """Import, read and list; the figures by their names."""
    file = statement(rows)
    few = _made(book, statement(1000), "few")
    kept_before = memory_mib(book.server.process_id)
    many = ""
    for number in range(2):
        many = _made(book, file, f"many {number}")
    grown = memory_mib(book.server.process_id) - kept_before
    book.settle()
    entries = random_entries(rows, _SYMBOLS)
    bare = Cost()
    for number in range(rounds):
        start = time.process_time()
        bare_fifo(entries)
        bare.cpu.append(time.process_time() - start)
        # Written before all others, so that nothing that was replayed holds any more.
        _add(book, many, "1999-12-31", number)
        book.timed("cold", lambda: book.send("GET", f"{many}/holdings"))
        for _ in range(_ADDED):
            _add(book, many, "2100-01-01", number)
            book.timed("added", lambda: book.send("GET", f"{many}/holdings"))
        book.timed("same", lambda: book.send("GET", f"{many}/holdings"), 10)
        book.timed("list of few", lambda: book.send("GET", f"{few}/transactions"), 100)
        book.timed("list of many", lambda: book.send("GET", f"{many}/transactions"), 100)
    least = {name: min(cost.cpu) for name, cost in book.costs.items()}
    # One request may take less than a tick of the system's clock for CPU.
    least["added"] = mean(book.costs["added"].cpu)
    return {
        "rows": rows,
        "bare": min(bare.cpu),
        **least,
        "import": rows / least["import"],
        "import, clock": rows / min(book.costs["import"].clock),
        "import, MiB": grown,
    }


def _made(book: Book, file: bytes, name: str) -> str:
    """A portfolio with what a file says; the path of it."""
    path = f"/portfolios/{book.send_json('/portfolios', name=name, base_currency='USD')}"
    what = "import" if name.startswith("many") else "import of few"
    book.timed(what, lambda: book.send("POST", f"{path}/transactions/import", file))
    return path


def _add(book: Book, path: str, day: str, number: int) -> None:
    book.send_json(
        f"{path}/transactions",
        type="buy", trade_date=day, symbol=f"S{number}", quantity="1", price="1", currency="USD",
    )  # fmt: skip


def report(found: dict[str, float], conditions: str, *, on_sqlite: bool) -> str:
    """The figures as Markdown: ratios first."""
    bare = found["bare"]
    after_one = _line("holdings, one more added", 3, found["added"] / bare)
    unchanged = _line("holdings, nothing changed", 3, found["same"] / bare)
    replayed = _line("holdings, all replayed", 3, found["cold"] / bare)
    page = _line(
        "a page of 50, against one of 1,000", 1.3, found["list of many"] / found["list of few"]
    )
    promised, state = "", ""
    if on_sqlite:
        promised = f"at least {ROWS_PER_SECOND:,} rows/s"
        state = _state(reached=found["import"] >= ROWS_PER_SECOND)
    imported = f"{promised} | {found['import']:,.0f} rows/s | {state} |"
    seconds = {name: f"{found[name] * 1e3:.1f} ms" for name in ("added", "same", "list of many")}
    loops = found["rows"] / found["import"] / bare
    notes = (
        f"Holdings are in multiples of the bare loop, which took {bare:.3f} s: "
        f"{found['cold']:.3f} s when all was replayed, {seconds['added']} after one more "
        f"transaction, {seconds['same']} when nothing changed. A page took "
        f"{seconds['list of many']}. The import took {loops:.0f} times the loop and made "
        f"{found['import, clock']:,.0f} rows/s by the clock; two of them left the server with "
        f"{found['import, MiB']:.0f} MiB more. Least of all rounds."
    )
    return "\n".join(
        [
            conditions,
            "",
            f"| of {found['rows']:,.0f} transactions | promised | found | |",
            "|---|---:|---:|---|",
            after_one,
            unchanged,
            replayed,
            page,
            f"| import, by CPU | {imported}",
            "",
            notes,
        ]
    )


def _line(what: str, promised: float, found: float) -> str:
    reached = _state(reached=found <= promised)
    return f"| {what} | at most {promised:g} | {found:.2f} | {reached} |"


def _state(*, reached: bool) -> str:
    return "reached" if reached else "**missed**"


@contextmanager
def _database(
    name: DatabaseName, scratch: Path
) -> Iterator[tuple[str, int | None, str, Callable[[], None]]]:
    """A new database: its URL, the process of PostgreSQL, its version, and how it settles."""
    dataset = Dataset(users=1, fills=1)
    if name == "sqlite":
        path = scratch / "portfolios.db"
        databases.seed_sqlite(path, dataset)
        yield f"sqlite:///{path}", None, databases.sqlite_version(), lambda: None
        return
    with databases.postgresql_server(scratch) as server:
        url = server.create_database("bench")
        databases.seed_postgresql(url, dataset)
        # What autovacuum does within a minute; until then the planner knows nothing of new rows.
        settle = partial(databases.settle_postgresql, url)
        yield url, postmaster(), f"PostgreSQL {server.version}", settle


def main() -> int:
    """Measure, print and keep; return the exit code."""
    parser = argparse.ArgumentParser(prog="./run bench-portfolios", description=__doc__)
    parser.add_argument("--database", choices=["postgresql", "sqlite"], default="postgresql")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--publish", action="store_true", help="write docs/performance.md")
    options = parser.parse_args()
    RESULTS.mkdir(parents=True, exist_ok=True)
    owner = Dataset(users=1, fills=1).owners[0]
    ours = next(one for one in CONTENDERS if one.name == "lane")
    with (
        tempfile.TemporaryDirectory(prefix="run-", dir=RESULTS) as directory,
        _database(options.database, Path(directory)) as (url, process, version, settle),
        serving(ours, url, 1, Path(directory) / "server.log") as server,
    ):
        found = measure(Book(server, owner, process, settle), options.rows, options.rounds)
    command = shlex.join(["./run", "bench-portfolios", *sys.argv[1:]])
    text = report(
        found,
        f"{datetime.now(UTC):%Y-%m-%d}, {version}, {cores()} cores; `{command}`.",
        on_sqlite=process is None,
    )
    name = f"portfolios-{options.database}-{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    (RESULTS / name).write_text(json.dumps(found))
    sys.stdout.write(f"{text}\n\nKept as var/bench/{name}\n")
    if options.publish:
        publish("portfolios" if process else "portfolios-sqlite", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
