"""Adding a table with doubles for the slow parts: at whichever step it ends, nothing is left."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from jedgebot.checks import BOXES, Finding
from jedgebot.errors import Failure, Terminated
from jedgebot.migrations.revision import Revision, head_of
from jedgebot.migrations.target import Target
from jedgebot.pipeline import Added, Site, carry_out
from jedgebot.plan import Plan
from jedgebot.planning import plan_for
from jedgebot.rendering import templates
from jedgebot.spec.grammar import parse_table
from jedgebot.spec.project import Project
from jedgebot.staging.jobs import Outcome
from jedgebot.staging.live.transcript import Exchange
from jedgebot.staging.mutation import Verdict
from jedgebot.staging.process import Worker, Workers
from jedgebot.staging.tests import Result
from jedgebot.workspace import Workspace
from tests.cli.project_copy import ProjectCopy
from tests.cli.trees import contents

SPEC = parse_table("watchlists", ["name:str:80:unique", "note:text:null"])
REVISION = '''"""Add watchlists."""

from alembic import op

revision = "abc"
down_revision = "{down}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE TABLE watchlists (id INTEGER PRIMARY KEY)")


def downgrade() -> None:
    op.execute("DROP TABLE watchlists")
'''
PASSED = ["tests/unit/watchlists/test_routes.py"] * 2
NOTICED = Verdict("watchlists", "get ignores the owner", noticed=True)
EXCHANGE = Exchange("Ann", "GET", "/watchlists", None, 200, "{}")
Act = Callable[[], None]


class WorkerDouble(Worker):
    """Answers at once, as a worker does for which all goes well; can do something first."""

    def __init__(self, root: Path, stage: Path) -> None:
        self._root = root
        self._stage = stage
        self._begun: list[str] = []
        self.acts: dict[str, Act] = {}
        self.answers: dict[str, Any] = {
            "import_all": None,
            "has_all_models": True,
            "prove_on_sqlite": ["SQLite: 1 row"],
            "prove_on_postgresql": ["PostgreSQL: 1 row"],
            "test_on_sqlite": Result("SQLite", PASSED, [], [NOTICED]),
            "test_on_postgresql": Result("PostgreSQL", PASSED),
            "ask": {"watchlists": [EXCHANGE]},
            "boxes": [Finding(box.id, "watchlists", passed=True, evidence=()) for box in BOXES],
        }

    def call(self, method: str, hint: str, **arguments: Any) -> Any:
        assert hint
        self._act(method)
        if method == "make_revision":
            path, down = "alembic/versions/abc.py", head_of(self._root)
            text = self.answers.get(method, REVISION).format(down=down)
            (self._stage / path).write_text(text, encoding="utf-8")
            return Revision("abc", down, path)
        return self.answers[method]

    def post(self, method: str, hint: str, **_arguments: Any) -> None:
        assert hint
        self._act(method)

    def begin(self, job: str, method: str, hint: str, **_arguments: Any) -> None:
        assert hint
        self._begun.append(job)
        self.methods = {**getattr(self, "methods", {}), job: method}

    def next_finished(self) -> Outcome:
        job = self._begun.pop(0)
        method = self.methods[job]
        self._act(method)
        return Outcome(job, self.answers[method], seconds=0.1)

    def _act(self, name: str) -> None:
        self.acts.get(name, lambda: None)()


class WorkersDouble(Workers):
    """Both are the same double."""

    def next_finished(self) -> Outcome:
        return self.models.next_finished()


class Scene:
    """A copy of the project with a database at head, and doubles."""

    def __init__(self, directory: Path, template: Path) -> None:
        self.root = ProjectCopy(directory / "project").root
        self.database = self.root / "var" / "jedgebot.db"
        self.database.parent.mkdir()
        shutil.copyfile(template, self.database)
        self.target = Target(self.root, f"sqlite:///{self.database}")
        self.target.apply(head_of(self.root))  # makes the lock file, which stays
        self.plan = plan_for([SPEC], Project(self.root))
        self.workspace = Workspace(self.root)
        self.reset()

    def reset(self) -> None:
        """Take a new worker."""
        self.stage = self.root / "var" / "jedgebot" / f"stage-{os.getpid()}"
        self.worker = WorkerDouble(self.root, self.stage)

    def add(self, **wish: bool) -> Added:
        assert isinstance(self.plan, Plan)
        with self.workspace.staged() as stage:
            assert stage == self.stage
            workers = WorkersDouble(self.worker, self.worker)
            site = Site(self.workspace, stage, workers, self.target)
            return carry_out(self.plan, site, **wish)


@pytest.fixture
def fresh(tmp_path: Path, sqlite_template: Path) -> Scene:
    """A scene of the test's own."""
    return Scene(tmp_path, sqlite_template)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Scene:
    """A scene for the tests that leave no trace."""
    return Scene(tmp_path_factory.mktemp("shared"), sqlite_template)


@pytest.fixture
def scene(shared: Scene) -> Iterator[Scene]:
    """The shared scene, which the test has to leave as it was."""
    before = contents(shared.root)
    shared.reset()
    yield shared
    assert contents(shared.root) == before


def raising(error: BaseException) -> Act:
    def act() -> None:
        raise error

    return act


PARTS = ("__init__", "models", "queries", "routes", "schemas", "services")
STEPS = (
    *("make_revision", "import_all", "has_all_models", "prove_on_sqlite", "ask", "boxes"),
    *("test_on_sqlite", "prove_on_postgresql", "test_on_postgresql"),
)
ERRORS = (Failure("no.", "Try again."), KeyboardInterrupt(), Terminated(15), RuntimeError("no"))
ENDS: list[tuple[str, BaseException]] = [(step, error) for step in STEPS for error in ERRORS[:2]]
ENDS += [("boxes", error) for error in ERRORS[2:]]


def test_when_all_goes_well_the_files_are_there_and_the_database_is_migrated(fresh: Scene) -> None:
    before = contents(fresh.root)
    added = fresh.add()
    after = contents(fresh.root)
    new = {name for name in after.keys() - before.keys() if "." in name}
    evidence_file = added.evidence["watchlists"]
    assert new == {
        *(f"backend/watchlists/{part}.py" for part in PARTS),
        "tests/unit/watchlists/test_routes.py",
        "docs/tables/watchlists.md",
        "alembic/versions/abc.py",
        evidence_file,
    }
    changed = {name for name in before if after[name] != before[name]}
    assert changed == {"backend/main.py", "backend/models/__init__.py", "var/jedgebot.db"}
    assert set(added.files) == (new | changed) - {evidence_file, "var/jedgebot.db"}
    assert fresh.target.holds(fresh.target.mark("abc"))
    assert [box.check for box in added.boxes] == [box.id for box in BOXES]
    evidence = {box.check: box.evidence for box in added.boxes}
    assert "abc" in evidence["applied"][0]
    assert evidence["migration"] == ("SQLite: 1 row", "PostgreSQL: 1 row")
    assert evidence["tests"] == (
        "2 passed on SQLite",
        "2 passed on PostgreSQL",
        "failed for each of 1 broken handlers",
    )
    document = json.loads((fresh.root / evidence_file).read_text(encoding="utf-8"))
    assert document["exchanges"] == [asdict(EXCHANGE)]
    assert document["broken_handlers"] == [{"broken": "get ignores the owner", "noticed": True}]


def test_without_postgresql_nothing_is_said_of_it(fresh: Scene) -> None:
    added = fresh.add(postgresql=False)
    assert not [job for job in fresh.worker.methods if "PostgreSQL" in job]
    assert not [line for box in added.boxes for line in box.evidence if "PostgreSQL" in line]


def test_without_apply_the_files_are_written_and_the_database_stays(fresh: Scene) -> None:
    database = fresh.database.read_bytes()
    added = fresh.add(apply=False)
    assert (fresh.root / "backend" / "watchlists" / "models.py").is_file()
    assert (fresh.root / "alembic" / "versions" / "abc.py").is_file()
    assert fresh.database.read_bytes() == database
    assert added.database == ""
    [applied] = [box for box in added.boxes if box.check == "applied"]
    assert applied.evidence == ("not applied: --no-apply",)


@pytest.mark.parametrize(("step", "error"), ENDS)
def test_at_whichever_step_it_ends_nothing_is_left(
    scene: Scene, step: str, error: BaseException
) -> None:
    scene.worker.acts[step] = raising(error)
    with pytest.raises(type(error)):
        scene.add()


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_migration_that_fails_last_leaves_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    monkeypatch.setattr(scene.target, "apply", lambda _revision, **_: raising(error)())
    with pytest.raises(type(error)):
        scene.add()


def test_a_table_that_is_in_the_database_already_leaves_everything_as_it_was(
    fresh: Scene,
) -> None:
    before = contents(fresh.root)
    fresh.worker.answers["make_revision"] = REVISION.replace("watchlists (id", "users (id")
    with pytest.raises(Failure, match="table users already exists") as failure:
        fresh.add()
    assert "nothing was changed" in failure.value.hint
    assert contents(fresh.root) == before


@pytest.mark.parametrize(
    ("method", "answer", "says"),
    [
        (
            "test_on_sqlite",
            Result("SQLite", PASSED, ["test_x[sqlite]: AssertionError"]),
            "1 of the generated tests failed: test_x",
        ),
        ("test_on_postgresql", Result("PostgreSQL"), "no generated test"),
        (
            "test_on_sqlite",
            Result("SQLite", PASSED, [], [replace(NOTICED, noticed=False)]),
            "no generated test notices when watchlists: get ignores the owner",
        ),
        (
            "boxes",
            [
                Finding(
                    "routes",
                    "watchlists",
                    passed=False,
                    evidence=("there is none",),
                    hint="write one",
                )
            ],
            "the box Routes of the staged table watchlists is open: there is none",
        ),
    ],
)
def test_what_the_worker_finds_wrong_is_a_failure(
    scene: Scene, method: str, answer: object, says: str
) -> None:
    scene.worker.answers[method] = answer
    with pytest.raises(Failure, match=says):
        scene.add()


def test_a_template_that_gives_bad_code_is_a_failure(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = templates.render

    def unused_import(template: str, **names: Any) -> str:
        text = original(template, **names)
        return f"{text}\nimport os\n" if template == "services.py.jinja" else text

    monkeypatch.setattr("jedgebot.rendering.module.render", unused_import)
    monkeypatch.setattr(scene, "plan", plan_for([SPEC], Project(scene.root)))
    with pytest.raises(Failure, match=r"ruff check refuses .*services\.py"):
        scene.add()


@pytest.mark.parametrize("path", ["backend/main.py", "docs/tables/watchlists.md"])
def test_a_file_that_someone_writes_meanwhile_is_kept(fresh: Scene, path: str) -> None:
    def write() -> None:
        (fresh.root / path).write_text("by hand", encoding="utf-8")

    fresh.worker.acts["boxes"] = write
    with pytest.raises(Failure, match="was changed meanwhile"):
        fresh.add()
    assert (fresh.root / path).read_text(encoding="utf-8") == "by hand"
    assert not (fresh.root / "backend" / "watchlists").exists()


def test_a_revision_that_someone_makes_meanwhile_is_kept(fresh: Scene) -> None:
    other = fresh.root / "alembic" / "versions" / "other.py"
    text = REVISION.replace('"abc"', '"other"').format(down=head_of(fresh.root))

    def write() -> None:
        other.write_text(text, encoding="utf-8")

    fresh.worker.acts["boxes"] = write
    with pytest.raises(Failure, match="another revision was made"):
        fresh.add()
    assert not (fresh.root / "backend" / "watchlists").exists()
    assert other.exists()


def test_a_revision_that_someone_changes_meanwhile_is_kept(fresh: Scene) -> None:
    path = max((fresh.root / "alembic" / "versions").glob("*.py"))
    text = f"{path.read_text(encoding='utf-8')}# by hand\n"
    fresh.worker.acts["boxes"] = lambda: put(path, text)
    with pytest.raises(Failure, match="made meanwhile, or one was changed"):
        fresh.add()
    assert path.read_text(encoding="utf-8") == text
    assert not (fresh.root / "backend" / "watchlists").exists()


def put(path: Path, text: str) -> None:
    """Write a file as an editor does, which a second name of it does not see."""
    draft = path.with_name(f"{path.name}.draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
