"""What an add does around its plan, with doubles for the workers."""

from pathlib import Path
from typing import Any

import pytest

from jedgebot import adding
from jedgebot.errors import Failure, Terminated
from jedgebot.pipeline import Added
from jedgebot.plan import Plan
from jedgebot.spec.grammar import parse_table
from jedgebot.staging.jobs import Outcome
from jedgebot.staging.process import Worker, Workers
from jedgebot.workspace import Workspace

ADDED = Added(("watchlists",), (), (), (), {}, "", proved_on_postgresql=False)
SPEC = parse_table("watchlists", ["name:str:80"])


class WorkerDouble(Worker):
    """Answers at once; is interrupted while it keeps what was migrated."""

    def __init__(self, error: BaseException) -> None:
        self._error = error
        self.called: list[str] = []

    def begin(self, job: str, method: str, hint: str, **_arguments: Any) -> None:
        assert (job, method, bool(hint)) == ("migrations", "prepare", True)

    def next_finished(self) -> Outcome:
        return Outcome("migrations", {"alembic.ini": "its hash"})

    def call(self, method: str, hint: str, **arguments: Any) -> Any:
        assert hint
        self.called.append(method)
        if method == "keep_migrated":
            assert arguments["before"] == {"alembic.ini": "its hash"}
            raise self._error
        answers = {"resolved": ([SPEC], 6), "plan": Plan(()), "require_no_pending": None}
        return answers[method]


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), Terminated(15), Failure("no.", "Try again.")], ids=repr
)
def test_what_is_live_is_reported_whatever_happens_to_what_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: BaseException
) -> None:
    worker = WorkerDouble(error)
    monkeypatch.setattr(adding, "carry_out", lambda *_, **__: ADDED)
    workspace, workers = Workspace(tmp_path), Workers(worker, worker)
    assert adding.add_tables([SPEC], workspace, tmp_path, workers, apply=False) is ADDED
    assert worker.called[-1] == "keep_migrated"
