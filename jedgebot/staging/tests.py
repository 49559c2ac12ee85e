"""The generated tests, run on each database in a fork that has all code imported already."""

import json
import os
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pytest

from jedgebot.errors import Failure

DATABASES = ("sqlite", "postgresql")


@dataclass
class Result:
    """What came of the tests on one database.

    Attributes:
        failures: of each failed test, its name and what went wrong, in one line.
    """

    passed: int = 0
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0


class TestRuns:
    """Runs that go on while this process does something else."""

    __test__ = False  # it is no test, whatever its name says

    def __init__(self, root: Path, path: str) -> None:
        self._directory = root / "var" / "tests"
        self._directory.mkdir(parents=True)
        self._processes = {name: self._fork(name, path) for name in DATABASES}

    def result(self, database: str) -> Result:
        """Wait for the tests on a database.

        Raises:
            Failure: they could not be run.
        """
        os.waitpid(self._processes[database], 0)
        report = self._directory / f"{database}.json"
        if not report.exists():
            output = (self._directory / f"{database}.txt").read_text(encoding="utf-8")
            lines = output.strip().splitlines() or ["without a word"]
            raise Failure(
                f"the tests on {database} could not be run: {lines[-1]}",
                "Look whether `./run test` works.",
            )
        return Result(**json.loads(report.read_text(encoding="utf-8")))

    def _fork(self, database: str, path: str) -> int:
        process = os.fork()
        if process:
            return process
        # Whatever happens here, the parent's work is not done twice: this never returns.
        try:
            self._run(database, path)
        except BaseException:  # noqa: BLE001 - the parent reads the trace in the output
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(0)

    def _run(self, database: str, path: str) -> None:
        output = os.open(self._directory / f"{database}.txt", os.O_WRONLY | os.O_CREAT)
        for descriptor in (1, 2):
            os.dup2(output, descriptor)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        began = time.perf_counter()
        watcher = _Watcher(database)
        code = pytest.main(
            [
                path,
                "-q",
                "-p",
                "no:cacheprovider",
                f"--basetemp={self._directory / database}",
            ],
            plugins=[watcher],
        )
        sys.stdout.flush()
        if code in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            watcher.result.seconds = time.perf_counter() - began
            report = self._directory / f"{database}.json"
            report.write_text(json.dumps(asdict(watcher.result)), encoding="utf-8")


class _Watcher:
    """A plugin: chooses the tests on one database, and notes what comes of them."""

    def __init__(self, database: str) -> None:
        self.result = Result()
        self._database = database

    @pytest.hookimpl
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if self._is_chosen(item)]

    def _is_chosen(self, item: pytest.Item) -> bool:
        callspec = getattr(item, "callspec", None)
        database = callspec.params.get("database_url") if callspec is not None else None
        return (database or DATABASES[0]) == self._database

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.result.failures.append(f"{report.nodeid}: {_reason(report)}")
        elif report.when == "call" and report.passed:
            self.result.passed += 1


def _reason(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    lines: Sequence[str] = str(crash.message if crash is not None else report.longrepr).splitlines()
    return lines[0] if lines else report.outcome
