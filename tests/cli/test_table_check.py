"""`jedgebot table check`: green on the project as it is, red on each way to break it."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

import pytest

from backend.core.engine import make_engine
from tests.cli.box_faults import BOX_FAULTS
from tests.cli.faults import ALL, Fault
from tests.cli.generated_code_faults import CODE_FAULTS
from tests.cli.generated_copy import GeneratedCopy
from tests.cli.generated_data_faults import DATA_FAULTS
from tests.cli.generated_route_faults import ROUTE_FAULTS
from tests.cli.migration_faults import MIGRATION_FAULTS
from tests.cli.primed_copy import PrimedCopy
from tests.cli.project_copy import Answer, CommandLine, ProjectCopy
from tests.cli.rule_faults import RULE_FAULTS

BOXES = (
    "model",
    "metadata",
    "migration",
    "applied",
    "schemas",
    "routes",
    "mounted",
    "tests",
    "documented",
)


class Finding(TypedDict):
    """One finding of the JSON document."""

    check: str
    title: str
    table: str | None
    passed: bool
    evidence: list[str]
    hint: str


@pytest.fixture(scope="module")
def shared_copy(tmp_path_factory: pytest.TempPathFactory) -> ProjectCopy:
    """The copy of the project that the tests break in turn."""
    return ProjectCopy(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def primed(
    shared_copy: ProjectCopy, command_line: CommandLine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PrimedCopy]:
    """The command line in that copy."""
    with PrimedCopy(shared_copy, command_line, tmp_path_factory.mktemp("primed")) as primed:
        yield primed


@pytest.fixture
def project(shared_copy: ProjectCopy) -> Iterator[ProjectCopy]:
    """A copy of the project; what the test changes in it is put back."""
    with shared_copy.changing() as project:
        yield project


@pytest.fixture
def url(sqlite_template: Path, tmp_path: Path) -> str:
    """A SQLite database of the test's own, at head."""
    path = tmp_path / "migrated.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


def findings_of(answer: Answer) -> list[Finding]:
    findings: list[Finding] = json.loads(answer.out)["findings"]
    return findings


def open_boxes(findings: list[Finding]) -> set[tuple[str, str | None]]:
    return {(one["check"], one["table"]) for one in findings if not one["passed"]}


def digests(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_every_box_of_every_module_is_closed(project: ProjectCopy, url: str) -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "jedgebot", "table", "check"],
        cwd=project.root,
        env={"PATH": "/nowhere", "JEDGEBOT_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert checked.stderr == ""
    lines = checked.stdout.splitlines()
    assert [line for line in lines if line in ALL] == list(ALL)
    assert sum(line.startswith("  [x] ") for line in lines) >= 9 * len(ALL)
    assert "[ ]" not in checked.stdout
    assert lines[-1].endswith("none open")
    # A path is not broken, so that it can be copied.
    assert [one for one in lines if len(one) > 80 and max(map(len, one.split())) < 60] == []
    assert "\x1b" not in checked.stdout


@pytest.mark.parametrize(
    "fault", [*MIGRATION_FAULTS, *BOX_FAULTS, *RULE_FAULTS], ids=lambda fault: fault.name
)
def test_a_fault_opens_its_boxes_and_no_others(
    fault: Fault, project: ProjectCopy, primed: PrimedCopy, url: str
) -> None:
    require_seen(fault, project, primed, url)


@pytest.mark.parametrize(
    "fault", [*DATA_FAULTS, *ROUTE_FAULTS, *CODE_FAULTS], ids=lambda fault: fault.name
)
def test_a_fault_of_a_generated_module_opens_its_boxes_and_no_others(
    fault: Fault, generated: GeneratedCopy, primed_generated: PrimedCopy
) -> None:
    with generated.changing() as project:
        require_seen(fault, project, primed_generated, f"sqlite:///{generated.database}")


def require_seen(fault: Fault, project: ProjectCopy, primed: PrimedCopy, url: str) -> None:
    fault.break_it(project)
    answer = primed.run("table", "check", "--json", JEDGEBOT_DATABASE_URL=url)
    assert answer.code == 1, answer.out + answer.err
    assert "Traceback" not in answer.err
    findings = findings_of(answer)
    expected: set[tuple[str, str | None]]
    expected = {(box, table) for box, tables in fault.boxes.items() for table in tables}
    expected |= {(rule, None) for rule in fault.rules}
    assert open_boxes(findings) == expected
    opened = [one for one in findings if not one["passed"]]
    assert all(one["evidence"] and one["hint"] for one in opened)
    said = [line for one in opened for line in (*one["evidence"], one["hint"])]
    telling = [line for line in said if fault.says in line]
    assert telling, said
    for line in said:
        for text in lines_named_in(line, project.root):
            assert text.strip(), line
    if fault.line:
        named = [text for line in telling for text in lines_named_in(line, project.root)]
        assert any(fault.line in text for text in named), (telling, named)


def lines_named_in(evidence: str, root: Path) -> list[str]:
    """The lines of the files that an evidence points at."""
    return [
        (root / path).read_text(encoding="utf-8").splitlines()[int(number) - 1]
        for path, number in re.findall(
            r"\b((?:backend|tests|docs|alembic)/\S+\.\w+):(\d+)", evidence
        )
    ]


def test_a_generated_module_is_found_right(
    generated: GeneratedCopy, command_line: CommandLine
) -> None:
    url = f"sqlite:///{generated.database}"
    answer = command_line.run(generated.root, "table", "check", "--json", JEDGEBOT_DATABASE_URL=url)
    assert answer.code == 0, answer.out + answer.err


def test_an_open_box_is_shown_with_its_hint(
    project: ProjectCopy, command_line: CommandLine, url: str
) -> None:
    project.delete("docs/tables/users.md")
    answer = command_line.run(project.root, "table", "check", "users", JEDGEBOT_DATABASE_URL=url)
    assert answer.code == 1
    assert "  [ ] Documented docs/tables/users.md does not exist\n" in answer.out
    assert "hint: write it, with Decisions and Optional future fields\n" in answer.out
    assert answer.out.splitlines()[-1].endswith("1 open")


def test_one_module_is_checked_alone(
    project: ProjectCopy, command_line: CommandLine, url: str
) -> None:
    project.delete("docs/tables/users.md")
    project.append(
        "backend/users/services.py", "\n\ndef end(db: Session) -> None:\n    db.commit()\n"
    )
    answer = command_line.run(
        project.root, "table", "check", "user_profiles", "--json", JEDGEBOT_DATABASE_URL=url
    )
    assert answer.code == 0, answer.out + answer.err
    findings = findings_of(answer)
    assert [one["check"] for one in findings if one["table"] == "user_profiles"] == list(BOXES)
    assert {one["table"] for one in findings} == {"user_profiles", None}


def test_an_unknown_module_is_misuse(
    project: ProjectCopy, command_line: CommandLine, url: str
) -> None:
    answer = command_line.run(
        project.root, "table", "check", "user_profile", JEDGEBOT_DATABASE_URL=url
    )
    assert answer.code == 2
    assert answer.out == ""
    assert answer.err.count("\n") == 2
    assert "user_profile" in answer.err
    assert "\nhint: " in answer.err
    assert "user_profiles" in answer.err.splitlines()[1]


def test_a_database_that_does_not_exist_is_not_made(
    project: ProjectCopy, command_line: CommandLine, tmp_path: Path
) -> None:
    path = tmp_path / "nowhere" / "none.db"
    answer = command_line.run(
        project.root, "table", "check", "--json", JEDGEBOT_DATABASE_URL=f"sqlite:///{path}"
    )
    assert answer.code == 1
    findings = findings_of(answer)
    assert open_boxes(findings) == {("applied", table) for table in ALL}
    assert {one["hint"] for one in findings if not one["passed"]} == {"run: alembic upgrade heads"}
    assert not path.parent.exists()


@pytest.mark.parametrize(
    "url",
    [
        "no address at all",
        "sqlite://",
        "mysql://ann:secret@localhost/x",
        "postgresql+psycopg://ann:secret@127.0.0.1:1/x",
        f"sqlite:///{__file__}",
    ],
)
def test_a_database_that_cannot_be_read_is_an_open_box(
    project: ProjectCopy, command_line: CommandLine, url: str
) -> None:
    answer = command_line.run(project.root, "table", "check", "--json", JEDGEBOT_DATABASE_URL=url)
    assert answer.code == 1
    assert open_boxes(findings_of(answer)) == {("applied", table) for table in ALL}
    assert "cannot be read: " in answer.out
    assert "could not be finished" not in answer.out
    assert "secret" not in answer.out + answer.err


def test_a_table_that_was_changed_by_hand_is_seen(
    project: ProjectCopy, command_line: CommandLine, database_url: str
) -> None:
    answer = command_line.run(
        project.root, "table", "check", "--json", JEDGEBOT_DATABASE_URL=database_url
    )
    assert open_boxes(findings_of(answer)) == set()
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE users ADD COLUMN nick VARCHAR(9)")
    engine.dispose()
    answer = command_line.run(
        project.root, "table", "check", "--json", JEDGEBOT_DATABASE_URL=database_url
    )
    findings = findings_of(answer)
    assert open_boxes(findings) == {("applied", "users")}
    [evidence] = [line for one in findings if not one["passed"] for line in one["evidence"]]
    assert evidence.startswith("column nick: ")
    wanted_by = "migrations" if database_url.startswith("sqlite") else "models"
    assert evidence.endswith(f"NULL in the database, missing in the {wanted_by}")


def test_nothing_is_written(project: ProjectCopy, command_line: CommandLine, url: str) -> None:
    folder = Path(url.removeprefix("sqlite:///")).parent
    before = digests(project.root), digests(folder)
    answer = command_line.run(project.root, "table", "check", JEDGEBOT_DATABASE_URL=url)
    assert answer.code == 0, answer.out + answer.err
    assert (digests(project.root), digests(folder)) == before


def test_what_the_project_prints_is_not_in_the_document(
    project: ProjectCopy, command_line: CommandLine, url: str
) -> None:
    project.append("backend/users/services.py", 'print("here I am")\n')
    answer = command_line.run(project.root, "table", "check", "--json", JEDGEBOT_DATABASE_URL=url)
    assert answer.code == 0
    assert json.loads(answer.out)["passed"] is True
    assert "here I am" in answer.err
