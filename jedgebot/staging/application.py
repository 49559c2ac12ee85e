"""What can be asked of the application in the staged copy, in a process of its own.

It imports the modules that the application asks for, as a server does: of a thousand modules these
are few, so that its forks are small, start quickly and configure few mappers. What does not depend
on the new tables is imported before they are written.
"""

import importlib
import shutil
import sys
from collections.abc import Mapping, Sequence
from functools import partial

from jedgebot.checks import Project
from jedgebot.checks.loading import attempted, unserved
from jedgebot.spec.table import TableSpec
from jedgebot.staging import postgresql
from jedgebot.staging.live.proof import prove_live
from jedgebot.staging.live.transcript import Exchange
from jedgebot.staging.mutants import Mutants
from jedgebot.staging.staged_copy import StagedCopy
from jedgebot.staging.tests import Result, copied_by_tests, run_tests

_USERS = "users"
"""Their routes are asked by every proof."""


class Application(StagedCopy):
    """The application of the staged copy.

    A fault of what is imported before the proofs is told by the one that meets it.
    """

    def import_core(self) -> None:
        """Import and make what the application has without the new tables."""
        for name in ("jedgebot.listening", "jedgebot.http_protocol", "tests.conftest"):
            attempted(self._root, partial(importlib.import_module, name))
        self._make_routes([_USERS])

    def import_all(self, tables: Sequence[str]) -> None:
        """Import and make what the jobs need, once for all of them; the tables are written."""
        importlib.invalidate_caches()
        importlib.reload(importlib.import_module("backend.main"))
        for table in tables:
            importlib.import_module(f"backend.{table}.routes")
        self._make_routes([_USERS, *tables])

    def _make_routes(self, tables: Sequence[str]) -> None:
        """Let FastAPI make the routes of tables; each application in a fork uses them."""

        def make() -> None:
            index = unserved(importlib.import_module("backend.main")).state.prefix_index
            for table in tables:
                for segment in index.segments_of(f"backend.{table}"):
                    index.routes_under(segment)

        attempted(self._root, make)

    def has_all_models(self) -> bool:
        """Whether the application has imported all modules, as it does where they are few."""
        modules = Project(self._root, self._url).modules
        return all(f"{module.package}.models" in sys.modules for module in modules)

    def test_on_sqlite(self, specs: Sequence[TableSpec]) -> Result:
        """Run the generated tests; if they pass, break each handler, and they have to fail."""
        with copied_by_tests(self._scratch):
            return run_tests(self._var / "tests-sqlite", _tests_of(specs), "sqlite", Mutants(specs))

    def test_on_postgresql(self, specs: Sequence[TableSpec]) -> Result:
        """Run the generated tests on a server that was begun before.

        Raises:
            Failure: there is no such server.
        """
        with postgresql.used_by_tests(self._var):
            return run_tests(self._var / "tests-postgresql", _tests_of(specs), "postgresql")

    def ask(
        self, specs: Sequence[TableSpec], parents: Mapping[str, TableSpec]
    ) -> dict[str, list[Exchange]]:
        """Serve the application, and ask it over a socket for what each table promises.

        Returns:
            what was sent and answered, by table.

        Raises:
            Failure: an answer is not the promised one.
        """
        database = self._var / "live.db"
        shutil.copyfile(self._scratch, database)
        return prove_live(f"sqlite:///{database}", specs, parents)


def _tests_of(specs: Sequence[TableSpec]) -> list[str]:
    return [f"tests/unit/{spec.name}" for spec in specs]
