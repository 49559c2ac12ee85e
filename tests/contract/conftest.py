"""One application in both of its forms, on both databases."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from tests.contract.forms import Caller, Forms, both_forms
from tests.postgresql import PostgreSQL

_numbers = count(1)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def whole_forms(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Forms]:
    """Both forms, for the tests of one file."""
    names = ["lane", "plain"]
    with ExitStack() as stack:
        if request.param == "sqlite":
            folder = tmp_path_factory.mktemp("forms")
            template: Path = request.getfixturevalue("sqlite_template")
            urls = [f"sqlite:///{shutil.copyfile(template, folder / name)}" for name in names]
        else:
            server: PostgreSQL = request.getfixturevalue("postgresql")
            at_head: str = request.getfixturevalue("postgresql_template")
            names = [f"{name}_{next(_numbers)}" for name in names]
            urls = [server.create_database(name, at_head) for name in names]
            for name in names:
                stack.callback(server.drop_database, name)
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        yield stack.enter_context(both_forms(urls, patch))


@pytest.fixture
def forms(whole_forms: Forms) -> Iterator[Forms]:
    """Both forms without users."""
    whole_forms.forget_users()
    yield whole_forms
    whole_forms.assert_equal_rows()


@pytest.fixture
def caller(forms: Forms) -> Caller:
    """A user in both forms."""
    return forms.newcomer("caller")
