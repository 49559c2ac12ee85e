"""What can be asked of the staged copy, in its own process."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from backend.core.migrations import upgrade
from jedgebot.checks import Finding, Project, nine_boxes
from jedgebot.migrations.expected import Expected
from jedgebot.migrations.proof import prove
from jedgebot.migrations.revision import Revision, make_revision
from jedgebot.staging.tests import Result, TestRuns


class Stage:
    """The copy of the project that this process imports `backend` from."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._scratch = root / "var" / "scratch.db"
        self._runs: TestRuns | None = None

    @cached_property
    def _url(self) -> str:
        """A scratch database; before the new revision is made, it is brought to head."""
        url = f"sqlite:///{self._scratch}"
        upgrade(url)
        return url

    def make_revision(
        self,
        table: str,
        columns: Sequence[str],
        constraints: Sequence[str],
        indexes: Sequence[str],
        message: str,
    ) -> Revision:
        """Make and review the revision of a table.

        Raises:
            Failure: it is not that of the table, or does something else too.
        """
        self._expected = Expected(
            table, frozenset(columns), frozenset(constraints), frozenset(indexes)
        )
        self._revision = make_revision(self._root, self._url, self._expected, message)
        return self._revision

    def prove_revision(self) -> str:
        """Apply the revision, take it back, apply it again.

        Raises:
            Failure: that leaves a trace.
        """
        seen = prove(self._root, self._url, [self._revision], [self._expected])
        return "; ".join(seen)

    def boxes(self, table: str) -> list[Finding]:
        """The nine boxes of a table, as `jedgebot table check` sees them."""
        return nine_boxes(Project(self._root, self._url), table)

    def begin_tests(self, path: str) -> None:
        """Begin to run tests, on each database in a process of its own."""
        self._runs = TestRuns(self._root, path)

    def end_tests(self, database: str) -> Result:
        """Wait for the tests on one database."""
        if self._runs is None:
            raise RuntimeError("No tests were begun.")
        return self._runs.result(database)
