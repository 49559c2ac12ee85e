"""Adding a table with doubles for the slow parts: at whichever step it ends, nothing is left."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jedgebot.checks import BOXES
from jedgebot.errors import Failure, Terminated
from jedgebot.migrations.revision import head_of
from jedgebot.migrations.target import Target
from jedgebot.pipeline import Added, carry_out
from jedgebot.plan import Plan
from jedgebot.planning import plan_for
from jedgebot.rendering import templates
from jedgebot.spec.grammar import parse_table
from jedgebot.spec.project import Project
from jedgebot.staging.process import Worker
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
Act = Callable[[], None]


class WorkerDouble(Worker):
    """Answers at once, as a worker does for which all goes well; can do something first."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.acts: dict[str, Act] = {}
        self.answers: dict[str, Any] = {
            "prove_revision": "1 entry",
            "begin_tests": None,
            "end_tests": {"passed": 9, "failures": [], "seconds": 0.1},
            "boxes": [
                {"check": box.id, "table": "watchlists", "passed": True, "evidence": [], "hint": ""}
                for box in BOXES
            ],
        }

    def enter(self, stage: Path) -> None:
        self._act("enter")
        self._stage = stage

    def call(self, method: str, hint: str, **arguments: Any) -> Any:
        assert hint
        self._act(method)
        if method == "make_revision":
            path, down = "alembic/versions/abc.py", head_of(self._root)
            (self._stage / path).write_text(REVISION.format(down=down), encoding="utf-8")
            return {"id": "abc", "down": down, "path": path}
        return self.answers[method]

    def _act(self, name: str) -> None:
        self.acts.get(name, lambda: None)()


class Scene:
    """A copy of the project with a database at head, and doubles."""

    def __init__(self, directory: Path, template: Path) -> None:
        self.root = ProjectCopy(directory / "project").root
        self.database = self.root / "var" / "jedgebot.db"
        self.database.parent.mkdir()
        shutil.copyfile(template, self.database)
        self.worker = WorkerDouble(self.root)
        self.target = Target(self.root, f"sqlite:///{self.database}")
        self.target.apply(head_of(self.root))  # makes the lock file, which stays
        self.plan = plan_for(SPEC, Project(self.root))

    def add(self) -> Added:
        assert isinstance(self.plan, Plan)
        return carry_out(SPEC, self.plan, Workspace(self.root), self.worker, self.target)


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
    shared.worker = WorkerDouble(shared.root)
    yield shared
    assert contents(shared.root) == before


def raising(error: BaseException) -> Act:
    def act() -> None:
        raise error

    return act


PARTS = ("__init__", "models", "queries", "routes", "schemas", "services")
STEPS = ("enter", "make_revision", "begin_tests", "prove_revision", "boxes", "end_tests")
ERRORS = (Failure("no.", "Try again."), KeyboardInterrupt(), Terminated(15), RuntimeError("no"))
ENDS: list[tuple[str, BaseException]] = [(step, error) for step in STEPS for error in ERRORS[:2]]
ENDS += [("boxes", error) for error in ERRORS[2:]]


def test_when_all_goes_well_the_files_are_there_and_the_database_is_migrated(fresh: Scene) -> None:
    before = contents(fresh.root)
    added = fresh.add()
    after = contents(fresh.root)
    new = {name for name in after.keys() - before.keys() if "." in name}
    assert new == {
        *(f"backend/watchlists/{part}.py" for part in PARTS),
        "tests/unit/watchlists/test_routes.py",
        "docs/tables/watchlists.md",
        "alembic/versions/abc.py",
    }
    changed = {name for name in before if after[name] != before[name]}
    assert changed == {"backend/main.py", "backend/models/__init__.py", "var/jedgebot.db"}
    assert fresh.target.holds(fresh.target.mark("abc"))
    assert [box.check for box in added.boxes] == [box.id for box in BOXES]
    evidence = {box.check: box.evidence for box in added.boxes}
    assert "abc" in evidence["applied"][0]
    assert evidence["tests"] == ("9 passed on SQLite", "9 passed on PostgreSQL")


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
    monkeypatch.setattr(scene.target, "apply", lambda _revision: raising(error)())
    with pytest.raises(type(error)):
        scene.add()


def test_a_table_that_is_in_the_database_already_leaves_everything_as_it_was(
    fresh: Scene,
) -> None:
    before = contents(fresh.root)
    fresh.worker.acts["make_revision"] = lambda: None
    original = REVISION.replace("watchlists (id", "users (id")
    path = fresh.root / "alembic" / "versions" / "abc.py"

    def broken(method: str, hint: str, **arguments: Any) -> Any:
        answer = WorkerDouble.call(fresh.worker, method, hint, **arguments)
        if method == "make_revision":
            stage = next((fresh.root / "var" / "jedgebot").iterdir())
            (stage / "alembic" / "versions" / path.name).write_text(
                original.format(down=head_of(fresh.root)), encoding="utf-8"
            )
        return answer

    fresh.worker.call = broken  # type: ignore[method-assign]  # only this one answers so
    with pytest.raises(Failure, match="table users already exists") as failure:
        fresh.add()
    assert "nothing was changed" in failure.value.hint
    assert contents(fresh.root) == before


@pytest.mark.parametrize(
    ("method", "answer", "says"),
    [
        (
            "end_tests",
            {"passed": 8, "failures": ["test_x[sqlite]: AssertionError"], "seconds": 1.0},
            "1 of the generated tests failed: test_x",
        ),
        ("end_tests", {"passed": 0, "failures": [], "seconds": 1.0}, "no generated test"),
        (
            "boxes",
            [
                {
                    "check": "routes",
                    "table": "watchlists",
                    "passed": False,
                    "evidence": ["there is none"],
                    "hint": "write one",
                }
            ],
            "the box Routes of the staged table is open: there is none",
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
    monkeypatch.setattr(scene, "plan", plan_for(SPEC, Project(scene.root)))
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
