"""Times calls of asyncpg and psycopg 3 in several modes; prints one JSON object.

Run by `benchmarks/drivers.py`, which starts the server and fills the table.
"""

import asyncio
import json
import os
import random
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from uuid import UUID, uuid4

import asyncpg
import psycopg
import uvloop
from driver_modes import MODES, STATEMENTS
from psycopg import pq

CALLERS = 32


class Arguments:
    """Random arguments for each statement, as values of Python."""

    def __init__(self, keys):
        self._keys = keys
        self._chance = random.Random(time.time_ns())  # noqa: S311 - picks rows, keeps no secret
        self._run = uuid4().hex[:8]
        self._numbers = count()

    def __call__(self, name):
        user_id, fill_id = self._chance.choice(self._keys)
        if name.startswith("one"):
            return user_id, fill_id
        if name.startswith("page"):
            return (user_id,)
        now = datetime.now(UTC)
        reference = f"bench-{self._run}-{next(self._numbers)}"
        quantity, price = Decimal("12.50000000"), Decimal("187.12340000")
        return user_id, uuid4(), "AAPL", "buy", quantity, price, now, reference, now, now, 1


def server_seconds(process_ids):
    """CPU seconds that these processes have used."""
    ticks = 0
    for process_id in process_ids:
        try:
            with open(f"/proc/{process_id}/stat") as stat:  # noqa: PTH123 - many times a second
                ticks += sum(map(int, stat.read().rpartition(")")[2].split()[11:13]))
        except FileNotFoundError:
            pass
    return ticks / os.sysconf("SC_CLK_TCK")


def children_of(parent):
    with open(f"/proc/{parent}/task/{parent}/children") as children:  # noqa: PTH123 - as above
        return [int(child) for child in children.read().split()]


async def measure(mode, name, arguments, seconds, postmaster):
    """CPU microseconds of a call here and in the server, and latencies in milliseconds."""
    until = time.perf_counter() + seconds
    latencies = []

    async def caller():
        while (started := time.perf_counter()) < until:
            await mode.run(name, arguments(name))
            latencies.append(time.perf_counter() - started)

    servers = children_of(postmaster)
    server, here = server_seconds(servers), time.process_time()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    here, server = time.process_time() - here, server_seconds(servers) - server
    latencies.sort()
    calls = len(latencies)
    return {
        "client_us": here / calls * 1e6,
        "server_us": server / calls * 1e6,
        "calls_per_second": calls / seconds,
        "p50_ms": latencies[calls // 2] * 1e3,
        "p99_ms": latencies[calls * 99 // 100] * 1e3,
    }


async def alone(mode, name, arguments):
    """The median latency in microseconds of 300 calls, one after another."""
    latencies = []
    for _ in range(300):
        given = arguments(name)
        started = time.perf_counter()
        await mode.run(name, given)
        latencies.append(time.perf_counter() - started)
    return sorted(latencies)[150] * 1e6


async def main():
    order = json.load(sys.stdin)
    keys = [(UUID(user_id), UUID(fill_id)) for user_id, fill_id in order["keys"]]
    arguments = Arguments(keys)
    modes = {label: make() for label, make in MODES.items()}
    for mode in modes.values():
        await mode.open(order["url"])
        for name in STATEMENTS:
            for _ in range(20):
                await mode.run(name, arguments(name))
    found = []
    for number in range(order["rounds"]):
        labels = list(modes)[:: -1 if number % 2 else 1]
        for name in STATEMENTS:
            for label in labels:
                figures = await measure(
                    modes[label], name, arguments, order["seconds"], order["postmaster"]
                )
                figures["alone_us"] = await alone(modes[label], name, arguments)
                found.append({"mode": label, "statement": name, "round": number, **figures})
    for mode in modes.values():
        await mode.close()
    versions = {"asyncpg": asyncpg.__version__, "psycopg": psycopg.__version__}
    json.dump({"versions": {**versions, "libpq": pq.version()}, "found": found}, sys.stdout)


uvloop.run(main())
