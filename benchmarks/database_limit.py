"""The limit of PostgreSQL: pgbench sends the same statements, prepared, from C."""

import os
import re
import subprocess
from itertools import islice
from pathlib import Path

from sqlalchemy import make_url

from benchmarks.dataset import Dataset
from benchmarks.measure import Effort, Measurement, Usage
from benchmarks.traffic import Scenario
from tests.postgresql_cluster import Cluster, installed_binaries

NAME = "pgbench"
CLIENTS = 16
SCRIPTS = 100  # pgbench takes no more than 128

_COLUMNS = (
    "id, symbol, side, quantity, price, executed_at, external_ref, created_at, updated_at, version"
)
_STATEMENTS: dict[Scenario, str] = {
    "GET one": f"SELECT {_COLUMNS} FROM fills WHERE user_id = '{{user_id}}' AND id = '{{id}}';",
    "page of 50": f"SELECT {_COLUMNS} FROM fills WHERE user_id = '{{user_id}}' "
    "ORDER BY executed_at DESC, id DESC LIMIT 51;",
    "POST": f"INSERT INTO fills (user_id, {_COLUMNS}) VALUES ('{{user_id}}', gen_random_uuid(), "
    "'NVDA', 'buy', 12.50000000, 187.12340000, now(), 'bench-' || gen_random_uuid(), now(), "
    f"now(), 1) RETURNING {_COLUMNS};",
}


def scripts_of(scenario: Scenario, dataset: Dataset, directory: Path) -> list[Path]:
    """Make pgbench's scripts of a scenario, each with a row of another owner."""
    directory.mkdir(exist_ok=True)
    scripts = []
    for number in range(min(SCRIPTS, dataset.users)):
        row = next(islice(dataset.rows_of(number), number % dataset.fills, None))
        scripts.append(directory / f"{number}.sql")
        scripts[-1].write_text(_STATEMENTS[scenario].format(user_id=row.user_id, id=row.id))
    return scripts


def measured_limit(
    url: str, scenario: Scenario, scripts: list[Path], effort: Effort, database: int
) -> Measurement:
    """Run pgbench, which tells no percentiles.

    Args:
        url: of the database.
        scenario: what the scripts do.
        scripts: from `scripts_of`.
        effort: how much of it.
        database: process id of PostgreSQL.
    """
    _run(url, effort.warm_seconds, scripts)
    before = Usage.now(None, database)
    output = _run(url, effort.seconds, scripts)
    used = Usage.now(None, database).since(before)
    answers = _number(output, r"transactions actually processed: (\d+)")
    return Measurement(
        contender=NAME,
        scenario=scenario,
        cpu_us=used.generator / answers * 1e6,
        database_us=used.database / answers * 1e6,
        requests_per_second=_number(output, r"tps = ([\d.]+)"),
        p50_ms=None,
        p99_ms=None,
        memory_mib=None,
        others_cores=used.others_cores,
        answers=int(answers),
        faults=int(_number(output, r"number of failed transactions: (\d+)")),
    )


def _run(url: str, seconds: float, scripts: list[Path]) -> str:
    parsed = make_url(url)
    command = [str(installed_binaries() / "pgbench"), "--no-vacuum", "--protocol=prepared"]
    command += [f"--client={CLIENTS}", "--jobs=2", f"--time={max(1, round(seconds))}"]
    command += [f"--file={script}" for script in scripts]
    connection = {
        "PGDATABASE": parsed.database or "",
        "PGHOST": parsed.host or "",
        "PGPASSWORD": parsed.password or "",
        "PGPORT": str(parsed.port),
        "PGUSER": parsed.username or "",
    }
    environment = {**os.environ, **Cluster.ENVIRONMENT, **connection}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def _number(output: str, pattern: str) -> float:
    found = re.search(pattern, output)
    if found is None:
        raise ValueError(f"pgbench did not say {pattern!r}:\n{output[-500:]}")
    return float(found[1])
