"""What the jobs of the worker say of what went wrong."""

import errno
import os
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from jedgebot.errors import Failure, Misuse
from jedgebot.staging.jobs import outcome_of


def test_a_database_without_room_is_said_without_links(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'small.db'}")

    def fill() -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 2")
            connection.exec_driver_sql("CREATE TABLE texts AS SELECT randomblob(100000) AS one")

    error = outcome_of("fill", fill, "the hint of the call").error
    engine.dispose()
    assert error is not None
    message, hint = error
    assert message == ("the disk is full, or a file may not grow further: database or disk is full")
    assert hint.startswith("Make room")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG, errno.EDQUOT])
def test_a_file_without_room_is_said(number: int) -> None:
    def write() -> None:
        raise OSError(number, os.strerror(number))

    error = outcome_of("write", write, "the hint of the call").error
    assert error is not None
    assert error[0].startswith("the disk is full, or a file may not grow further: ")


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (Failure("it failed.", "Mend it."), ("it failed.", "Mend it.")),
        (ValueError("two\nlines"), ("ValueError: two lines", "the hint of the call")),
        (FileNotFoundError(errno.ENOENT, "gone"), None),
    ],
)
def test_other_failures_are_said_as_they_are(
    failure: Exception, expected: tuple[str, str] | None
) -> None:
    def fail() -> None:
        raise failure

    error = outcome_of("fail", fail, "the hint of the call").error
    assert error == (expected or ("FileNotFoundError: [Errno 2] gone", "the hint of the call"))


@pytest.mark.parametrize("kind", [Failure, Misuse])
def test_a_misuse_is_still_one_when_it_comes_from_a_job(kind: type[Failure | Misuse]) -> None:
    def refuse() -> None:
        raise kind("it cannot be.", "Say it otherwise.")

    failure = outcome_of("refuse", refuse, "the hint").failure
    assert type(failure) is kind
    assert (failure.message, failure.hint) == ("it cannot be.", "Say it otherwise.")
