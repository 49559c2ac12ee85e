"""Portfolios of many transactions: imports, holdings and lists, beside a bare FIFO loop.

The bare loop (`benchmarks.ledger`) runs over the same rows in memory, in turns with what is
measured, so that a busy machine makes both slower. CPU is that of the server and, on PostgreSQL,
of its processes.
"""

import csv
import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from statistics import mean
from uuid import UUID

from benchmarks import databases
from benchmarks.contenders import CONTENDERS, DatabaseName
from benchmarks.dataset import Dataset, Owner
from benchmarks.ledger import bare_fifo, random_entries
from benchmarks.portfolio_rows import add_rows
from benchmarks.processes import cpu_seconds, memory_mib, postmaster
from benchmarks.servers import Server, serving

NAME = "portfolios"
ROWS = 100_000
"""Of the files that are imported, and of the portfolio whose holdings are asked for."""
FEW, MANY = 1000, 1_000_000
"""Rows of the portfolios that are listed."""
_PAGE = 50
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


def measured(database: DatabaseName, scratch: Path, rounds: int) -> tuple[dict[str, float], str]:
    """Serve a new database and measure; the figures by their names, and the database's version."""
    owner = Dataset(users=1, fills=1).owners[0]
    ours = next(one for one in CONTENDERS if one.name == "lane")
    with (
        _database(database, scratch) as (url, process, version, settle),
        serving(ours, url, 1, scratch / "portfolios.log") as server,
    ):
        book = Book(server, owner, process, settle)
        found = _of_holdings(book, rounds)
        found |= _of_lists(book, url, rounds)
    return {"rows": ROWS, "few": FEW, "many": MANY, **found}, version


def _of_holdings(book: Book, rounds: int) -> dict[str, float]:
    file = statement(ROWS)
    # The first import of a process also pays for what it imports and compiles.
    _made(book, statement(FEW), "first")
    kept_before = memory_mib(book.server.process_id)
    many = ""
    for number in range(2):
        many = _made(book, file, f"many {number}")
        book.timed("imported", partial(book.send, "GET", f"{many}/holdings"))
    grown = memory_mib(book.server.process_id) - kept_before
    book.settle()
    entries = random_entries(ROWS, _SYMBOLS)
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
    least = {name: min(cost.cpu) for name, cost in book.costs.items()}
    # One request may take less than a tick of the system's clock for CPU.
    least |= {name: mean(book.costs[name].cpu) for name in ("added", "imported")}
    return {
        "bare": min(bare.cpu),
        **least,
        "import": ROWS / least["import"],
        "import, clock": ROWS / min(book.costs["import"].clock),
        "import, MiB": grown,
    }


def _of_lists(book: Book, url: str, rounds: int) -> dict[str, float]:
    paths = {}
    for name, rows in (("list of few", FEW), ("list of many", MANY)):
        path = paths[name] = _new(book, name)
        add_rows(url, book.owner.id, UUID(path.rpartition("/")[2]), rows)
    book.settle()
    for _ in range(rounds):
        for name, path in paths.items():
            send = partial(book.send, "GET", f"{path}/transactions?limit={_PAGE}")
            if len(json.loads(send())["items"]) != _PAGE:
                raise RuntimeError(f"GET {path}/transactions: not {_PAGE} rows")
            book.timed(name, send, 100)
    return {name: min(book.costs[name].cpu) for name in paths}


def _new(book: Book, name: str) -> str:
    """A portfolio; the path of it."""
    return f"/portfolios/{book.send_json('/portfolios', name=name, base_currency='USD')}"


def _made(book: Book, file: bytes, name: str) -> str:
    """A portfolio with what a file says; the path of it."""
    path = _new(book, name)
    what = "import" if name.startswith("many") else "first import"
    book.timed(what, lambda: book.send("POST", f"{path}/transactions/import", file))
    return path


def _add(book: Book, path: str, day: str, number: int) -> None:
    book.send_json(
        f"{path}/transactions",
        type="buy", trade_date=day, symbol=f"S{number}", quantity="1", price="1", currency="USD",
    )  # fmt: skip


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
