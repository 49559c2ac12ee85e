"""`jedgebot table check --fix`: what is mechanical is put right, all of it or nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.generated_copy import GeneratedCopy
from tests.cli.primed_copy import PrimedCopy
from tests.cli.project_copy import Answer

MAIN = "backend/main.py"
SCOPE = "backend/models/__init__.py"
TESTS = "tests/unit/watchlists/test_routes.py"
PAGE = "docs/tables/watchlists.md"
HAND_WRITTEN_TESTS = "tests/unit/user_sessions/test_routes.py"
HAND_WRITTEN_PAGE = "docs/tables/user_sessions.md"


def texts(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for pattern in ("backend/**/*.py", "tests/unit/**/*.py", "docs/tables/*.md")
        for path in root.glob(pattern)
    }


def fixed(generated: GeneratedCopy, primed_generated: PrimedCopy, *words: str) -> Answer:
    url = f"sqlite:///{generated.database}"
    arguments = ("table", "check", *words, "--fix", "--json")
    return primed_generated.run(*arguments, JEDGEBOT_DATABASE_URL=url)


def document_of(answer: Answer) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(answer.out)
    return document


def open_ones(answer: Answer) -> set[tuple[str, str | None]]:
    return {
        (one["check"], one["table"]) for one in document_of(answer)["findings"] if not one["passed"]
    }


def test_what_is_mechanical_is_as_it_was_generated(
    generated: GeneratedCopy, primed_generated: PrimedCopy
) -> None:
    before = texts(generated.root)
    with generated.changing() as project:
        project.replace(MAIN, '    Module("backend.watchlists", prefix="/watchlists"),\n', "")
        for pattern in (TESTS, PAGE):
            project.delete(pattern)
        project.replace(
            "backend/watchlists/services.py",
            "from backend.watchlists import queries\n"
            "from backend.watchlists.models import Watchlist\n",
            "from backend.watchlists.models import Watchlist\n"
            "from backend.watchlists import queries\n",
        )
        answer = fixed(generated, primed_generated, "watchlists")
        assert answer.code == 0, answer.out + answer.err
        after = texts(project.root)
        reasons = (before.pop(PAGE), after.pop(PAGE))
        assert after == before
        assert reasons[0].partition("## Decisions")[0] == reasons[1].partition("## Decisions")[0]
        document = document_of(answer)
        assert document["unrepaired"] == []
        assert [one.split()[0] for one in document["repaired"]] == [
            MAIN,
            PAGE,
            "backend/watchlists/services.py",
            TESTS,
        ]
        assert not (project.root / "var").exists()


def test_a_page_that_is_out_of_date_is_renewed(
    generated: GeneratedCopy, primed_generated: PrimedCopy
) -> None:
    with generated.changing() as project:
        project.replace(PAGE, "What a trader looks at.", "What Ann looks at.")
        right = (project.root / PAGE).read_text(encoding="utf-8")
        project.replace(PAGE, "1 to 80 characters", "1 to 70 characters")
        answer = fixed(generated, primed_generated, "watchlists")
        assert answer.code == 0, answer.out + answer.err
        assert (project.root / PAGE).read_text(encoding="utf-8") == right


def test_a_model_is_imported_into_the_scope(
    generated: GeneratedCopy, primed_generated: PrimedCopy
) -> None:
    before = texts(generated.root)
    with generated.changing() as project:
        project.replace(SCOPE, "from backend.watchlists.models import Watchlist\n", "")
        answer = fixed(generated, primed_generated)
        assert answer.code == 0, answer.out + answer.err
        assert texts(project.root) == before


def test_only_the_named_module_is_put_right(
    generated: GeneratedCopy, primed_generated: PrimedCopy
) -> None:
    with generated.changing() as project:
        project.replace(MAIN, '    Module("backend.watchlists", prefix="/watchlists"),\n', "")
        broken = texts(project.root)
        answer = fixed(generated, primed_generated, "folders")
        assert answer.code == 0, answer.out + answer.err
        assert document_of(answer)["repaired"] == []
        assert texts(project.root) == broken


def test_what_only_a_person_knows_stays_open(
    generated: GeneratedCopy, primed_generated: PrimedCopy
) -> None:
    with generated.changing() as project:
        project.delete(HAND_WRITTEN_PAGE)
        project.delete(HAND_WRITTEN_TESTS)
        answer = fixed(generated, primed_generated, "user_sessions")
        assert answer.code == 1, answer.out + answer.err
        assert open_ones(answer) == {
            ("tests", "user_sessions"),
            ("documented", "user_sessions"),
        }
        document = document_of(answer)
        assert document["repaired"] == [f"{HAND_WRITTEN_PAGE} names columns and endpoints"]
        [left] = document["unrepaired"]
        assert left["what"].startswith(f"{HAND_WRITTEN_TESTS} is missing, and ")
        page = (project.root / HAND_WRITTEN_PAGE).read_text(encoding="utf-8")
        assert "| `expires_at` | timestamp with time zone | no |\n" in page
        assert "| `POST /users/logout` | End the session that" in page
        said = [line for one in document["findings"] for line in one["evidence"]]
        assert any("the section 'Decisions' is empty" in line for line in said)


def test_an_edit_that_is_not_known_is_left_to_a_person(
    generated: GeneratedCopy, primed_generated: PrimedCopy
) -> None:
    with generated.changing() as project:
        project.replace(
            MAIN, '    Module("backend.watchlists", prefix="/watchlists"),\n', "    *(),\n"
        )
        project.replace(
            MAIN,
            '    Module("backend.folders", prefix="/folders"),\n',
            '    Module("backend.folders", prefix="/watchlists"),\n',
        )
        broken = texts(project.root)
        answer = fixed(generated, primed_generated, "watchlists")
        assert answer.code == 1
        [left] = document_of(answer)["unrepaired"]
        assert left["what"] == f"{MAIN} mounts backend.folders at /watchlists already"
        assert left["hint"].startswith("Add by hand ")
        assert texts(project.root) == broken


def test_a_file_that_cannot_be_written_leaves_all_as_it_was(
    generated: GeneratedCopy, primed_generated: PrimedCopy
) -> None:
    with generated.changing() as project:
        project.replace(MAIN, '    Module("backend.watchlists", prefix="/watchlists"),\n', "")
        project.delete(TESTS)
        folder = project.root / "tests/unit/watchlists"
        folder.rmdir()
        folder.write_text("in the way", encoding="utf-8")
        broken = texts(project.root)
        try:
            answer = fixed(generated, primed_generated)
        finally:
            folder.unlink()
            folder.mkdir()
        assert answer.code == 1
        assert answer.err.count("\n") == 2, answer.err
        assert answer.err.splitlines()[0].startswith("error: a file could not be written: ")
        assert texts(project.root) == broken
        assert not (project.root / "var").exists()


@pytest.mark.parametrize("words", [(), ("watchlists",)])
def test_what_is_right_is_left_alone(
    words: tuple[str, ...], generated: GeneratedCopy, primed_generated: PrimedCopy
) -> None:
    before = texts(generated.root)
    answer = fixed(generated, primed_generated, *words)
    assert answer.code == 0, answer.out + answer.err
    assert document_of(answer)["repaired"] == []
    assert texts(generated.root) == before


def test_a_person_reads_what_was_put_right(
    generated: GeneratedCopy, primed_generated: PrimedCopy
) -> None:
    with generated.changing() as project:
        project.replace(MAIN, '    Module("backend.watchlists", prefix="/watchlists"),\n', "")
        answer = primed_generated.run(
            *("table", "check", "watchlists", "--fix"),
            JEDGEBOT_DATABASE_URL=f"sqlite:///{generated.database}",
        )
        assert answer.code == 0, answer.out + answer.err
        assert f"\nPut right\n      {MAIN} mounts backend.watchlists\n" in answer.out
        assert answer.out.splitlines()[-1].endswith("none open")
