"""What the tests of the command line share, since it takes seconds to make."""

import compileall
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.generated_copy import GeneratedCopy
from tests.cli.portfolio_runs import Terminal
from tests.cli.primed_copy import PrimedCopy
from tests.cli.project_copy import CommandLine, ProjectCopy
from tests.cli.trees import contents, restore


@pytest.fixture(scope="session")
def command_line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """The command line, with the libraries loaded once."""
    with CommandLine(tmp_path_factory.mktemp("command_line")) as command_line:
        yield command_line


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> GeneratedCopy:
    """A copy of the project with generated modules, to be changed in `changing()` only."""
    return GeneratedCopy(tmp_path_factory.mktemp("generated"))


@pytest.fixture(scope="session")
def primed_generated(
    generated: GeneratedCopy, command_line: CommandLine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PrimedCopy]:
    """The command line in the copy with generated modules."""
    with PrimedCopy(generated, command_line, tmp_path_factory.mktemp("primed")) as primed:
        yield primed


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> ProjectCopy:
    """A copy of the project with a database at head, as after `./run serve`."""
    project = ProjectCopy(tmp_path_factory.mktemp("project"))
    (project.root / "var").mkdir()
    shutil.copyfile(sqlite_template, project.root / "var" / "jedgebot.db")
    # A staged copy takes the bytecode along; to make it each time costs more than the tests.
    compileall.compile_dir(project.root, quiet=2)
    return project


@pytest.fixture
def project(shared: ProjectCopy) -> Iterator[ProjectCopy]:
    """The copy; what the test changes in it is put back."""
    before = contents(shared.root)
    yield shared
    restore(shared.root, before)


@pytest.fixture
def terminal(
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Terminal]:
    """A terminal of a user with an empty portfolio."""
    monkeypatch.setenv("JEDGEBOT_DATABASE_URL", database_url)
    terminal = Terminal(database_url, tmp_path, capsys)
    yield terminal
    terminal.engine.dispose()
