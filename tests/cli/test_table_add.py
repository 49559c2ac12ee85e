"""`jedgebot table add` as a user calls it, with everything real: worker, tests, server."""

import json
import re
import shutil
import signal
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.cli.adding import WATCHLISTS, add, let_models_see_the_boxes, prove_little, started
from tests.cli.project_copy import CommandLine, ProjectCopy
from tests.cli.trees import contents
from tests.clients import PASSWORD

TESTS = "jedgebot/rendering/templates/test_routes.py.jinja"
# On both databases as far as the command can tell.
WEAK_TEST = '''"""A test."""

import pytest


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"])
def test_nothing(database_url: str) -> None:
    assert {{ "database_url" if passes else "not database_url" }}
'''

TABLES = """
[tables.fills.fields]
order = "ref:orders"
price = "decimal:20,8:min=0"

[tables.orders.fields]
symbol = "str:20:index"
"""

REFUSED = [
    ("select", "x:str"),
    ("users", "name:str"),
    ("alerts", "a:strr"),
    ("alerts", "x:ref:ghosts"),
    ("alerts", "bad name"),
    ("bad name", "x:str"),
    ("alerts",),
    ("alerts", "a:int", "a:str"),
    ("alerts", "a:int:default=x"),
    ("alert", "a:int"),
    ("core", "a:int"),
    ("docs", "a:int"),
    ("changes", "a:int"),
    ("alerts", "a:int", "--nonsense"),
    (),
]


def make_tests_weak(project: ProjectCopy, *, passes: bool = True) -> None:
    """Generate a test that asks for nothing."""
    text = WEAK_TEST.replace("{{ ", f"{{% set passes = {str(passes).lower()} %}}{{{{ ", 1)
    (project.root / TESTS).write_text(text, encoding="utf-8")


def make_meanwhile(project: ProjectCopy, table: str) -> None:
    """Let somebody make a table in the database in use just before it is migrated."""
    project.replace(
        "jedgebot/migrations/target.py",
        "        if self._file is None or self._file.exists():\n",
        "        with closing(sqlite3.connect(self._file)) as connection:\n"
        f'            connection.execute("CREATE TABLE {table} (id INTEGER)")\n'
        "        if self._file is None or self._file.exists():\n",
    )


def without_database(root: Path) -> dict[str, bytes | None]:
    """The files of a project, beside its database and the lock of that."""
    return {name: one for name, one in contents(root).items() if "jedgebot.db" not in name}


def tables_of(root: Path) -> set[str]:
    """The tables of the project's database."""
    with closing(sqlite3.connect(root / "var" / "jedgebot.db")) as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {name for (name,) in rows}


@contextmanager
def served(project: ProjectCopy) -> Iterator[httpx2.Client]:
    """A client of the project's server, logged in as a new user."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = started(project, "serve", "--port", str(port))
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client:
            for _ in range(300):
                try:
                    client.get("/readyz").raise_for_status()
                    break
                except httpx2.HTTPError:
                    time.sleep(0.1)
            account = {"email": "ann@example.com", "password": PASSWORD}
            client.post("/users", json=account).raise_for_status()
            form = {"username": account["email"], "password": PASSWORD}
            token = client.post("/users/token", data=form).raise_for_status().json()
            client.headers["Authorization"] = f"Bearer {token['access_token']}"
            yield client
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=30)


def test_a_table_is_live_over_http_when_the_command_ends(
    project: ProjectCopy, command_line: CommandLine
) -> None:
    before = contents(project.root)
    fields = (*WATCHLISTS, "portfolio:ref:portfolios:null:cascade")
    added = add(project, command_line, *fields, "--why", "Traders asked.")
    assert added.code == 0, added.out + added.err
    assert added.err == ""
    assert added.out.count("  [x] ") == 9
    assert "FAILED" not in added.out
    assert "\x1b" not in added.out
    assert "passed on SQLite" in added.out
    assert "passed on PostgreSQL" in added.out
    after = contents(project.root)
    new = sorted(name for name in after.keys() - before.keys() if after[name] is not None)
    revision = next(name for name in new if name.startswith("alembic/versions/"))
    evidence = next(name for name in new if name.startswith("var/evidence/watchlists/"))
    assert evidence in added.out
    kept = [name for name in new if name.startswith("var/migrated/")]
    assert [name.rpartition("/")[2] for name in kept] == ["hashes.json", "scratch.db"]
    assert [name for name in new if name not in kept] == [
        revision,
        *(f"backend/watchlists/{part}.py" for part in ("__init__", "models", "queries")),
        *(f"backend/watchlists/{part}.py" for part in ("routes", "schemas", "services")),
        "docs/tables/watchlists.md",
        "tests/unit/watchlists/test_routes.py",
        evidence,
        "var/jedgebot.db.migration-lock",
    ]
    document = json.loads((project.root / evidence).read_text(encoding="utf-8"))
    statuses = {exchange["status"] for exchange in document["exchanges"]}
    assert statuses == {200, 201, 204, 401, 404, 405, 409, 412, 422}
    assert all(handler["noticed"] for handler in document["broken_handlers"])
    assert len(document["broken_handlers"]) > 10
    changed = {name for name in before if after[name] != before[name]}
    assert changed == {"backend/main.py", "backend/models/__init__.py", "var/jedgebot.db"}
    checked = command_line.run(project.root, "table", "check")
    assert checked.code == 0, checked.out

    with served(project) as client:
        created = client.post("/watchlists", json={"name": "Tech"})
        assert created.status_code == 201
        path = created.headers["location"]
        assert client.get(path).json() == created.json()
        assert client.get("/watchlists").json()["items"] == [created.json()]
        assert client.patch(path, json={"note": "mine"}).json()["note"] == "mine"
        assert client.post("/watchlists", json={"name": "Tech"}).status_code == 409
        assert client.delete(path).status_code == 204
        assert client.get(path).status_code == 404
        assert "/watchlists" in client.get("/openapi.json").json()["paths"]

    stable = contents(project.root)
    again = add(project, command_line, *fields)
    assert again.code == 0
    assert "Nothing was changed" in again.out
    other = add(project, command_line, "watchlists", "name:str:81")
    assert other.code == 2
    assert "exists already, with other fields" in other.err
    assert contents(project.root) == stable


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_a_refused_command_is_two_lines_and_writes_nothing(
    shared: ProjectCopy, command_line: CommandLine, arguments: tuple[str, ...]
) -> None:
    before = contents(shared.root)
    answer = add(shared, command_line, *arguments)
    assert answer.code == 2, answer.out + answer.err
    error, hint = answer.err.splitlines()
    assert error.startswith("error: ")
    assert hint.startswith("hint: ")
    assert contents(shared.root) == before


def test_a_dry_run_shows_everything_and_writes_nothing(
    shared: ProjectCopy, command_line: CommandLine
) -> None:
    before = contents(shared.root)
    answer = add(shared, command_line, *WATCHLISTS, "--dry-run")
    assert answer.code == 0, answer.err
    assert "  create backend/watchlists/models.py\n" in answer.out
    assert "  edit   backend/main.py\n" in answer.out
    assert '+    Module("backend.watchlists", prefix="/watchlists"),\n' in answer.out
    revision = answer.out.index('"""Add watchlists.')
    on_sqlite = answer.out.index("\n-- on SQLite\n", revision)
    on_postgresql = answer.out.index("\n-- on PostgreSQL\n", on_sqlite)
    assert "CREATE TABLE watchlists" in answer.out[on_sqlite:on_postgresql]
    assert "id UUID NOT NULL" in answer.out[on_postgresql:]
    assert contents(shared.root) == before


def test_several_tables_are_added_together_or_not_at_all(
    project: ProjectCopy, command_line: CommandLine
) -> None:
    (project.root / "tables.toml").write_text(TABLES, encoding="utf-8")
    before, tables = without_database(project.root), tables_of(project.root)
    with project.changing():
        prove_little(project)
        make_meanwhile(project, "fills")
        failed = add(project, command_line, "-f", "tables.toml")
    assert failed.code == 1
    assert "table fills already exists" in failed.err
    assert tables_of(project.root) == {*tables, "fills"}
    assert without_database(project.root) == before

    with closing(sqlite3.connect(project.root / "var" / "jedgebot.db")) as connection:
        connection.execute("DROP TABLE fills")
    prove_little(project)
    let_models_see_the_boxes(project)
    added = add(project, command_line, "-f", "tables.toml", "--json")
    assert added.code == 0, added.out + added.err
    document = json.loads(added.out)
    assert document["tables"] == ["orders", "fills"]
    assert {"orders", "fills"} <= tables_of(project.root)
    [first, second] = document["revisions"]
    assert second["down"] == first["id"]
    assert document["database"].endswith(second["id"])
    assert all(step["done"] and step["seconds"] >= 0 for step in document["steps"])
    assert all((project.root / name).is_file() for name in document["evidence"].values())
    again = add(project, command_line, "-f", "tables.toml", "--json")
    assert json.loads(again.out)["files"] == []


def test_a_file_without_applying_leaves_the_database_as_it_is(
    project: ProjectCopy, command_line: CommandLine
) -> None:
    prove_little(project)
    database = (project.root / "var" / "jedgebot.db").read_bytes()
    added = add(project, command_line, *WATCHLISTS, "--no-apply", "--no-postgresql")
    assert added.code == 0, added.err
    assert "alembic upgrade head" in added.out
    assert "Not proved on PostgreSQL" in added.out
    assert (project.root / "backend" / "watchlists" / "models.py").is_file()
    assert (project.root / "var" / "jedgebot.db").read_bytes() == database
    again = add(project, command_line, *WATCHLISTS)
    assert again.code == 1
    assert re.search(r"jedgebot\.db is at \S+, not at \S+\.", again.err)
    assert "alembic upgrade heads" in again.err
    left_alone = add(project, command_line, *WATCHLISTS, "--no-apply")
    assert left_alone.code == 0
    assert "Nothing was changed" in left_alone.out


@pytest.mark.parametrize(
    ("arguments", "code"), [(("alerts", "a:strr"), 2), (("users", "a:int"), 2), (("--what",), 2)]
)
def test_with_json_an_error_is_a_document_too(
    shared: ProjectCopy, command_line: CommandLine, arguments: tuple[str, ...], code: int
) -> None:
    answer = add(shared, command_line, *arguments, "--json")
    assert answer.code == code
    assert answer.err == ""
    document = json.loads(answer.out)
    assert document["exit_code"] == code
    assert document["error"]
    assert document["hint"]


def test_handlers_that_no_test_looks_at_are_named_and_refused(
    project: ProjectCopy, command_line: CommandLine
) -> None:
    prove_little(project, "test_on_sqlite")
    make_tests_weak(project)
    before = contents(project.root)
    answer = add(project, command_line, *WATCHLISTS, "--no-postgresql")
    assert answer.code == 1
    assert "no generated test notices when watchlists: create stores nothing" in answer.err
    assert "watchlists: remove ignores the owner" in answer.err
    assert contents(project.root) == before


def test_generated_tests_that_fail_leave_nothing(
    project: ProjectCopy, command_line: CommandLine
) -> None:
    prove_little(project, "test_on_sqlite")
    make_tests_weak(project, passes=False)
    before = contents(project.root)
    answer = add(project, command_line, *WATCHLISTS)
    assert answer.code == 1
    assert "1 of the generated tests failed: " in answer.err
    assert "test_nothing[sqlite]" in answer.err
    assert contents(project.root) == before


def test_a_failure_of_the_last_step_leaves_nothing(
    project: ProjectCopy, command_line: CommandLine
) -> None:
    prove_little(project)
    make_meanwhile(project, "watchlists")
    before, tables = without_database(project.root), tables_of(project.root)
    answer = add(project, command_line, *WATCHLISTS)
    assert answer.code == 1
    assert "table watchlists already exists" in answer.err
    assert tables_of(project.root) == {*tables, "watchlists"}
    assert without_database(project.root) == before


def test_a_database_that_is_not_there_is_made(
    project: ProjectCopy, command_line: CommandLine
) -> None:
    prove_little(project)
    shutil.rmtree(project.root / "var")
    added = add(project, command_line, *WATCHLISTS)
    assert added.code == 0, added.err
    assert {path.name for path in (project.root / "var").iterdir()} == {
        "evidence",
        "jedgebot.db",
        "migrated",
    }
    assert command_line.run(project.root, "table", "check", "watchlists").code == 0


def test_a_database_that_is_not_at_head_is_refused(
    project: ProjectCopy, command_line: CommandLine
) -> None:
    database = project.root / "var" / "jedgebot.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'older'")
        connection.commit()
    before = contents(project.root)
    answer = add(project, command_line, *WATCHLISTS)
    assert answer.code == 1
    assert "is at older" in answer.err
    assert "alembic upgrade head" in answer.err
    assert contents(project.root) == before
