"""What the checks see in the text of a file."""

from collections.abc import Callable
from pathlib import Path

import pytest

from jedgebot.checks import Finding, Project, Rule
from jedgebot.checks.assertions import Assertions, collected_tests, is_skipped
from jedgebot.checks.rules import (
    borders,
    commits,
    foreign_keys,
    instants,
    layers,
    mapped,
    paging,
    plain_functions,
    routers,
    sessions,
    statements,
)
from jedgebot.checks.source import read_source

Written = Callable[[str, str], Project]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Writes a file of a project of its own."""

    def write(path: str, text: str) -> Project:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
        return Project(tmp_path, "sqlite://")

    return write


def finding(rule: Rule, project: Project) -> Finding:
    [found] = rule.run(project)
    return found


BROKEN = [
    (commits.CHECK, "def end(db):\n    done = db.rollback\n    done()\n", [2]),
    (commits.CHECK, "import db\nwith db.begin() as one:\n    one.commit()\n", [3]),
    (borders.CHECK, "from backend.users import models\n", [1]),
    (borders.CHECK, "import backend.users.queries\n", [1]),
    (borders.CHECK, "import backend.users.queries as other\n", [1]),
    (borders.CHECK, "def late():\n    from backend.users.queries import one_of\n", [2]),
    (borders.CHECK, "from ..users import queries\n", [1]),
    (borders.CHECK, "from ..users.models import User\n", [1]),
    (borders.CHECK, "from backend.models import User\n", [1]),
    (borders.CHECK, "from backend import models\n", [1]),
    (sessions.CHECK, "from backend.core.database import get_db\nx = Depends(get_db)\n", [2]),
    (sessions.CHECK, "from backend.core import database as d\nx = Depends(d.get_db)\n", [2]),
    (sessions.CHECK, "from backend.core.database import get_transactions as t\nx = f(t)\n", [2]),
    (routers.CHECK, "from fastapi import APIRouter\nrouter = APIRouter()\n", [2]),
    (routers.CHECK, "import fastapi\nrouter = fastapi.APIRouter()\n", [2]),
    (routers.CHECK, "import fastapi.routing\nrouter = fastapi.routing.APIRouter()\n", [2]),
    (
        mapped.CHECK,
        (
            "from sqlalchemy.orm import mapped_column\nclass A:\n    a = mapped_column()\n"
            "    b: int = mapped_column()\n"
        ),
        [3, 4],
    ),
    (mapped.CHECK, "import sqlalchemy as sa\nclass A:\n    a = sa.Column(sa.Integer)\n", [3]),
    (
        foreign_keys.CHECK,
        (
            "from sqlalchemy import ForeignKey, ForeignKeyConstraint\na = ForeignKey(User.id)\n"
            'b = ForeignKeyConstraint(["x", "y"], ["users.id",\n    User.name])\n'
        ),
        [2, 4],
    ),
    (instants.CHECK, "import datetime\na = datetime.datetime.utcnow()\n", [2]),
    (instants.CHECK, "from datetime import datetime as d\na = d.now()\nb = d.now(None)\n", [2, 3]),
    (instants.CHECK, "from datetime import datetime\nf(default=datetime.now)\n", [2]),
    (instants.CHECK, "from datetime import datetime\nf(datetime.fromtimestamp(0))\n", [2]),
]

BROKEN_FORMS = [
    (layers.CHECK, "from fastapi import HTTPException\n", [1]),
    (layers.CHECK, "import starlette.status\n", [1]),
    (layers.CHECK, "from backend.core.routing import Router\n", [1]),
    (layers.CHECK, "from backend.trades import routes\n", [1]),
    (layers.CHECK, "from backend.users.dependencies import CurrentUser\n", [1]),
    (plain_functions.CHECK, "class A:\n    async def b(self):\n        ...\n", [2]),
    (statements.CHECK, "import sqlalchemy as sa\nx = sa.select(1)\n", [2]),
    (statements.CHECK, "from sqlalchemy import text as t\ndef a():\n    t('x')\n", [3]),
    (
        statements.CHECK,
        "from sqlalchemy.orm import Session as S\ndef a(db: S | None, x):\n    db.get(x)\n",
        [3],
    ),
    (
        statements.CHECK,
        "async def a(transactions):\n    await transactions.write(lambda db: db.flush())\n",
        [2],
    ),
    (paging.CHECK, "def a(rows):\n    return rows.limit(2).offset(4)\n", [2]),
]

KEPT = [
    (layers.CHECK, "from backend.trades import queries, schemas, models\n"),
    (layers.CHECK, "from backend.users import services\nimport httpx\n"),
    (layers.CHECK, "from backend.core.errors import NotFound\n"),
    (plain_functions.CHECK, "def a():\n    return b()\n"),
    (
        statements.CHECK,
        "from sqlalchemy.orm import Session\ndef a(db: Session):\n    return queries.a(db)\n",
    ),
    (statements.CHECK, "def a(db):\n    db.update(b=1)\n    return select(db)\n"),
    (statements.CHECK, "def a(t):\n    t.write(lambda db: services.b(db))\n"),
    (paging.CHECK, "def a(rows, offset):\n    return rows[offset:]\n"),
    (commits.CHECK, "def end(commit):\n    commit()\n"),
    (borders.CHECK, "from backend.trades import models, queries\n"),
    (borders.CHECK, "from . import models\nfrom .queries import one_of\n"),
    (borders.CHECK, "from backend.users import services\nfrom backend.core.models import Base\n"),
    (sessions.CHECK, "from backend.core.database import DbSession, Transactions\n"),
    (sessions.CHECK, "def get_db():\n    pass\nget_db()\n"),
    (routers.CHECK, "from backend.core.routing import Router\nrouter = Router()\n"),
    (
        mapped.CHECK,
        (
            "from sqlalchemy.orm import Mapped, mapped_column\nclass A:\n"
            "    a: Mapped[int] = mapped_column()\n"
            "    def b(cls):\n        return mapped_column()\n"
        ),
    ),
    (foreign_keys.CHECK, 'from sqlalchemy import ForeignKey\na = ForeignKey("users.id")\n'),
    (
        instants.CHECK,
        "from datetime import UTC, datetime as d\nd.now(UTC)\nd.now(tz=UTC)\n",
    ),
    (instants.CHECK, "from datetime import UTC, datetime\ndatetime.fromtimestamp(0, UTC)\n"),
    (instants.CHECK, "now = utc_now()\nclock.now()\n"),
]


@pytest.mark.parametrize(("rule", "text", "lines"), [*BROKEN, *BROKEN_FORMS])
def test_a_rule_sees_each_place(rule: Rule, text: str, lines: list[int], written: Written) -> None:
    found = finding(rule, written("backend/trades/services.py", text))
    assert not found.passed
    places = [evidence.split()[0] for evidence in found.evidence]
    assert places == [f"backend/trades/services.py:{line}" for line in lines]


@pytest.mark.parametrize(("rule", "text"), KEPT)
def test_a_rule_lets_the_house_form_pass(rule: Rule, text: str, written: Written) -> None:
    found = finding(rule, written("backend/trades/services.py", text))
    assert found.passed, found.evidence


def test_the_core_may_commit(written: Written) -> None:
    assert finding(commits.CHECK, written("backend/core/hop.py", "db.commit()\n")).passed


def test_only_the_scope_gathers_the_models(written: Written) -> None:
    project = written("backend/models/__init__.py", "from backend.users.models import User\n")
    assert finding(borders.CHECK, project).passed
    project = written("backend/main.py", "from backend import models\n")
    assert not finding(borders.CHECK, project).passed
    written("backend/main.py", "")
    project = written("backend/models/__init__.py", "from backend.users.queries import one_of\n")
    assert not finding(borders.CHECK, project).passed


def test_a_rule_tells_of_one_module_alone(written: Written) -> None:
    written("backend/users/services.py", "db.commit()\n")
    project = written("backend/trades/services.py", "db.commit()\n")
    trades = project.module("trades")
    [found] = commits.CHECK.run(project, trades)
    assert [line.split(":")[0] for line in found.evidence] == ["backend/trades/services.py"]


HELPERS = """
import pytest

def checked(answer):
    assert answer.ok

def indirect(answer):
    checked(answer)

def fetched(client):
    return client.get("/")

class Client:
    def get(self, path):
        pass

    def get_ok(self, path):
        assert self.get(path).ok
"""

ASSERTING = [
    "assert client.get('/').ok",
    "with pytest.raises(ValueError):\n        client.get('/')",
    "for one in (1, 2):\n        assert client.get(one).ok",
    "checked(client.get('/'))",
    "helpers.indirect(client.get('/'))",
    "client.get_ok('/')",
    "here(client)",
]
ASSERTING_NOTHING = [
    "client.get('/')",
    "assert True",
    "assert 'a text'",
    "fetched(client)",
    "pass",
    "unknown(client)",
    "itself(client)",
    "assert (client.get('/').ok, 'listed')",
    "assert client.get('/').ok or True",
    "assert client.email == client.email",
    "return\n    assert client.get('/').ok",
    "pytest.skip('later')\n    assert client.get('/').ok",
    "if False:\n        assert client.get('/').ok",
    "while 0:\n        assert client.get('/').ok",
]
FILE = """
import pytest
from tests import helpers
from tests.helpers import Client, checked, fetched

def here(client):
    assert client

def itself(client):
    itself(client)

def test_one(client: Client):
    {body}
"""


@pytest.mark.parametrize(
    ("body", "asserts"),
    [*((body, True) for body in ASSERTING), *((body, False) for body in ASSERTING_NOTHING)],
)
def test_assertions_are_followed_into_helpers(body: str, asserts: bool, written: Written) -> None:
    written("tests/helpers.py", HELPERS)
    project = written("tests/unit/trades/test_routes.py", FILE.format(body=body))
    source = project.source("tests/unit/trades/test_routes.py")
    assert source is not None
    [test] = collected_tests(source)
    assert Assertions(project).made_by(source, test) is asserts


def test_tests_are_found_as_pytest_finds_them(written: Written) -> None:
    text = (
        "import pytest\ndef test_a(): ...\nasync def test_b(): ...\ndef helper(): ...\n"
        "class TestMore:\n    def test_c(self): ...\n    def other(self): ...\n"
        "class Other:\n    def test_d(self): ...\n"
        "@pytest.mark.skip(reason='later')\ndef test_e(): ...\n"
    )
    source = written("tests/test_x.py", text).source("tests/test_x.py")
    assert source is not None
    tests = collected_tests(source)
    assert [test.name for test in tests] == ["test_a", "test_b", "test_c", "test_e"]
    assert [is_skipped(source, test) for test in tests] == [False, False, False, True]
    whole = written("tests/test_y.py", f"{text}\npytestmark = [pytest.mark.skip]\n")
    marked = whole.source("tests/test_y.py")
    assert marked is not None
    assert all(is_skipped(marked, test) for test in collected_tests(marked))


@pytest.mark.parametrize("content", [b"def half(\n", b"\xff\xfe", b"x = '\x00'\n"])
def test_a_file_that_cannot_be_parsed_is_told(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(content)
    source = read_source(tmp_path, "a.py")
    assert source is not None
    assert source.problem is not None
    assert source.problem.startswith("a.py:")
    assert source.tree.body == []
