"""What the tests of the command line share, since it takes seconds to make."""

from collections.abc import Iterator

import pytest

from tests.cli.generated_copy import GeneratedCopy
from tests.cli.project_copy import CommandLine


@pytest.fixture(scope="session")
def command_line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """The command line, with the libraries loaded once."""
    with CommandLine(tmp_path_factory.mktemp("command_line")) as command_line:
        yield command_line


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> GeneratedCopy:
    """A copy of the project with generated modules, to be changed in `changing()` only."""
    return GeneratedCopy(tmp_path_factory.mktemp("generated"))
