"""asyncpg and psycopg 3 side by side: CPU and latency of one call, by kind of statement.

python -m benchmarks.drivers [--rounds N] [--seconds N]
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks.databases import plain_postgresql_url, postgresql_server, seed_postgresql
from benchmarks.dataset import Dataset
from benchmarks.environments import PEERS, python_of
from benchmarks.processes import postmaster

COLUMNS = {
    "client_us": "client CPU us",
    "server_us": "server CPU us",
    "calls_per_second": "calls/s",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "alone_us": "alone us",
}


def main() -> int:
    """Measure and print a table for each kind of statement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds")
    parser.add_argument("--seconds", type=float, default=1.0, help="of each measurement")
    options = parser.parse_args()
    dataset = Dataset(users=100)  # a quarter: enough to be no cache of the CPU
    with (
        tempfile.TemporaryDirectory(prefix="jedgebot-drivers-") as directory,
        postgresql_server(Path(directory)) as server,
    ):
        url = server.create_database("drivers")
        seed_postgresql(url, dataset)
        order = {
            "url": plain_postgresql_url(url),
            "postmaster": postmaster(),
            "keys": [
                (str(row.user_id), str(row.id))
                for number in range(dataset.users)
                for row in dataset.rows_of(number)
            ],
            "rounds": options.rounds,
            "seconds": options.seconds,
        }
        done = subprocess.run(
            [str(python_of("bare")), str(PEERS / "bare" / "drivers.py")],
            input=json.dumps(order),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    sys.stdout.write(_report(json.loads(done.stdout)))
    return 0


def _report(answer: dict[str, Any]) -> str:
    """The medians over the rounds, as Markdown."""
    tables: dict[str, dict[str, list[dict[str, float]]]] = defaultdict(lambda: defaultdict(list))
    for figures in answer["found"]:
        tables[figures["statement"]][figures["mode"]].append(figures)
    versions = ", ".join(f"{name} {version}" for name, version in answer["versions"].items())
    lines = [f"{versions}; medians", ""]
    for statement, modes in tables.items():
        lines += [
            f"| {statement} | {' | '.join(COLUMNS.values())} |",
            f"|---|{'---:|' * len(COLUMNS)}",
        ]
        for mode, rounds in modes.items():
            cells = [_shown(key, rounds) for key in COLUMNS]
            lines.append(f"| {mode} | {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines) + "\n"


def _shown(key: str, rounds: list[dict[str, float]]) -> str:
    return f"{statistics.median(figures[key] for figures in rounds):.{2 if 'ms' in key else 0}f}"


if __name__ == "__main__":
    sys.exit(main())
