"""The generated tests, run in a fork that has all code imported already."""

import importlib
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from unittest import mock

import pytest

from jedgebot.errors import Failure
from jedgebot.staging.mutants import Mutants
from jedgebot.staging.mutation import Verdict, run_each, try_all

_DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_DEFAULT = "sqlite"


@dataclass
class Result:
    """What came of the tests on one database.

    Attributes:
        database: as people call it.
        passed_paths: the file of each test that has passed.
        failures: of each failed test, its name and what went wrong, in one line.
        verdicts: what the tests say of each broken handler.
    """

    database: str
    passed_paths: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)

    @property
    def passed(self) -> int:
        """How many tests have passed."""
        return len(self.passed_paths)

    def passed_of(self, table: str) -> int:
        """How many tests of one table have passed."""
        return sum(f"/{table}/" in path for path in self.passed_paths)


def run_tests(
    directory: Path, paths: Sequence[str], database: str, mutants: Mutants | None = None
) -> Result:
    """Run tests on one database in this process, which does nothing else any more.

    Args:
        directory: for what the tests write.
        paths: of the tests.
        database: "sqlite" or "postgresql".
        mutants: what is to be broken once the tests have passed.

    Raises:
        Failure: they could not be run.
    """
    runner = _Runner(database, paths, mutants)
    options = ["-q", "-p", "no:cacheprovider", f"--basetemp={directory}"]
    code = pytest.main([*paths, *options], plugins=[runner])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        trouble = runner.trouble or pytest.ExitCode(code).name
        raise Failure(
            f"the tests on {database} could not be run: {trouble}",
            "Look whether `./run test` works.",
        )
    return runner.result


@contextmanager
def copied_by_tests(database: Path) -> Iterator[None]:
    """Let tests that would migrate a SQLite file of their own copy one that is at head."""
    module = importlib.import_module("tests.templates")
    with mock.patch.object(module, "make_sqlite", partial(shutil.copyfile, database)):
        yield


class _Runner:
    """A plugin: runs the tests of one database, and notes what comes of them."""

    def __init__(self, database: str, paths: Sequence[str], mutants: Mutants | None) -> None:
        self.result = Result(_DATABASES[database])
        self.trouble = ""
        self._database = database
        self._paths = [Path(path).absolute() for path in paths]
        self._mutants = mutants

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        # Beside them there may be the tests of a thousand tables, which pytest looks through.
        asked = any(
            collection_path.is_relative_to(path) or path.is_relative_to(collection_path)
            for path in self._paths
        )
        return None if asked else True

    @pytest.hookimpl
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if self._is_chosen(item)]

    def _is_chosen(self, item: pytest.Item) -> bool:
        callspec = getattr(item, "callspec", None)
        database = callspec.params.get("database_url") if callspec is not None else None
        return (database or _DEFAULT) == self._database

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        if session.testsfailed:
            return None  # pytest says what cannot be collected
        for _ in run_each(session.items):
            pass
        if self._mutants is not None and self.result.passed and not self.result.failures:
            self.result.verdicts = try_all(self._mutants.found(), session.items)
        return True

    @pytest.hookimpl
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.trouble = " ".join(str(report.longrepr).strip().splitlines()[-1:])

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.result.failures.append(f"{report.nodeid}: {_reason(report)}")
        elif report.when == "call" and report.passed:
            self.result.passed_paths.append(report.nodeid.partition("::")[0])


def _reason(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    text = str(crash.message if crash is not None else report.longrepr).strip()
    return re.split(r"\n", text)[0] if text else report.outcome
