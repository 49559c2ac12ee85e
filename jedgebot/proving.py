"""The proofs of a staged copy: all are begun at once, and each is shown when it has come out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jedgebot import console
from jedgebot.checks import BOXES, Finding
from jedgebot.errors import Failure
from jedgebot.migrations.expected import Expected
from jedgebot.migrations.revision import Revision
from jedgebot.plan import Plan
from jedgebot.staging.jobs import Outcome
from jedgebot.staging.live.transcript import Exchange
from jedgebot.staging.process import Worker, Workers
from jedgebot.staging.tests import Result

_CORE_IS_WRONG = "The code that was rendered, or the core under it, is wrong; nothing was written."
_TESTS = "Look whether `./run test` works."
_CHECKS = "Look whether `jedgebot table check` works."
_REVISION = "Look at docs/migrations.md."
_APPLICATION = "Look whether the application can be imported."


@dataclass
class Proofs:
    """What the proofs have seen.

    Attributes:
        boxes: the nine boxes of each table.
        tests: what came of the generated tests, by database.
        exchanges: what was sent to the live application and answered, by table.
        migrated: what the round trips have shown.
    """

    boxes: tuple[Finding, ...] = ()
    tests: dict[str, Result] = field(default_factory=dict)
    exchanges: Mapping[str, list[Exchange]] = field(default_factory=dict)
    migrated: list[str] = field(default_factory=list)

    def tested(self, table: str) -> list[str]:
        """What the generated tests of a table have shown."""
        seen = [
            f"{result.passed_of(table)} passed on {database}"
            for database, result in self.tests.items()
        ]
        broken = [
            verdict
            for result in self.tests.values()
            for verdict in result.verdicts
            if verdict.table == table
        ]
        return [*seen, f"failed for each of {len(broken)} broken handlers"]

    def keep_tests(self, result: Result) -> str:
        """Keep what came of the generated tests, and say it in a few words.

        Raises:
            Failure: one has failed, or does not notice a broken handler.
        """
        if result.failures:
            raise Failure(
                f"{len(result.failures)} of the generated tests failed: {result.failures[0]}",
                _CORE_IS_WRONG,
            )
        if not result.passed:
            raise Failure("no generated test was found.", "Look at the template of the tests.")
        missed = [f"{one.table}: {one.broken}" for one in result.verdicts if not one.noticed]
        if missed:
            raise Failure(
                f"no generated test notices when {'; or '.join(missed)}.",
                "The template of the tests has a gap; nothing was written.",
            )
        self.tests[result.database] = result
        noticed = f"; {len(result.verdicts)} broken handlers noticed" if result.verdicts else ""
        return f"{result.passed} passed{noticed}"

    def keep_exchanges(self, exchanges: Mapping[str, list[Exchange]]) -> str:
        """Keep what the live application was asked for."""
        self.exchanges = exchanges
        return f"{sum(map(len, exchanges.values()))} requests answered as promised"

    def keep_seen(self, lines: Sequence[str]) -> str:
        """Keep what a round trip has shown."""
        self.migrated += lines
        return lines[-1].partition(": ")[2]

    def keep_boxes(self, boxes: Sequence[Finding]) -> str:
        """Keep the nine boxes of each table.

        Raises:
            Failure: one is open.
        """
        self.boxes = tuple(boxes)
        for finding in boxes:
            if not finding.passed:
                title = next(box.title for box in BOXES if box.id == finding.check)
                raise Failure(
                    f"the box {title} of the staged table {finding.table} is open: "
                    f"{'; '.join(finding.evidence)}",
                    finding.hint,
                )
        return f"{len(boxes)} closed in the staged copy"


@dataclass(frozen=True)
class _Proof:
    """A proof that runs as a job.

    Attributes:
        method: of what the worker has entered.
        keep: notes what it has seen, and says it in a few words.
    """

    worker: Worker
    title: str
    method: str
    hint: str
    arguments: Mapping[str, Any]
    keep: Callable[[Any], str]


def begin_to_prove(plan: Plan, workers: Workers) -> None:
    """Import the tables of a plan, whose files are in the staged copy, into the application.

    Raises:
        Failure: the worker has ended.
    """
    workers.application.post(
        "import_all", _APPLICATION, tables=[one.spec.name for one in plan.tables]
    )


def prove_all(
    plan: Plan, revisions: Sequence[Revision], workers: Workers, *, postgresql: bool
) -> Proofs:
    """Prove the tables of a plan, whose files and revisions are in the staged copy.

    Args:
        plan: the tables; `begin_to_prove` has imported them.
        revisions: that create them.
        workers: have entered the copy.
        postgresql: whether to prove it there, too.

    Raises:
        Failure: something is not as it has to be.
    """
    found = Proofs()
    specs = [table.spec for table in plan.tables]
    names = [spec.name for spec in specs]
    parents = {name: one for table in plan.tables for name, one in table.parents.items()}
    models, application = workers.models, workers.application
    models.call("import_all", _APPLICATION, tables=names, database=specs[0].database)
    # Where it has all models, its routes are there for the boxes, too.
    has_all = application.call("has_all_models", _APPLICATION)
    expected = [Expected.of(spec) for spec in specs]
    if len(revisions) > len(specs):
        expected.insert(0, Expected.first_of_a_database())
    made = {"revisions": revisions, "expected": expected, "database": specs[0].database}
    proofs = [
        _Proof(
            application,
            "Test it on SQLite",
            "test_on_sqlite",
            _TESTS,
            {"specs": specs},
            found.keep_tests,
        ),
        _Proof(
            application,
            "Ask the live application",
            "ask",
            _CORE_IS_WRONG,
            {"specs": specs, "parents": parents},
            found.keep_exchanges,
        ),
        _Proof(
            models,
            "Migrate with rows, SQLite",
            "prove_on_sqlite",
            _REVISION,
            made,
            found.keep_seen,
        ),
        _Proof(
            application if has_all else models,
            "Check the nine boxes",
            "boxes",
            _CHECKS,
            {"tables": names},
            found.keep_boxes,
        ),
    ]
    if postgresql:
        proofs += [
            _Proof(
                models,
                "Migrate with rows, PostgreSQL",
                "prove_on_postgresql",
                _REVISION,
                made,
                found.keep_seen,
            ),
            _Proof(
                application,
                "Test it on PostgreSQL",
                "test_on_postgresql",
                _TESTS,
                {"specs": specs},
                found.keep_tests,
            ),
        ]
    _run(proofs, workers)
    return found


def _run(proofs: Sequence[_Proof], workers: Workers) -> None:
    waiting = {proof.title: proof for proof in proofs}
    for proof in proofs:
        proof.worker.begin(proof.title, proof.method, proof.hint, **proof.arguments)
    while waiting:
        with console.waiting(", ".join(waiting)):
            outcome = workers.next_finished()
        _show(waiting.pop(outcome.job), outcome)


def _show(proof: _Proof, outcome: Outcome) -> None:
    """Show a proof that has come out.

    Raises:
        Failure: it does not hold.
    """
    with console.step(proof.title) as step:
        step.seconds = outcome.seconds
        if (failure := outcome.failure) is not None:
            raise failure
        step.detail = proof.keep(outcome.result)
