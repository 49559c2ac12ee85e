"""What is rendered: readable, formatted, typed, and the same table when it is read back."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ruff import find_ruff_bin  # type: ignore[import-untyped]  # ruff ships no types

from jedgebot.errors import Failure
from jedgebot.rendering.formatting import formatted
from jedgebot.rendering.module import render_module
from jedgebot.spec.grammar import parse_table
from jedgebot.spec.table import TableSpec
from tests.cli.every_type import EVERY_TYPE, ORDERS, QUOTES, RATES, SHARED_RATES
from tests.cli.project_copy import ROOT
from tests.cli.rendered_modules import Files, needed, rendered
from tests.cli.specs import PARENTS, tables

WATCHLISTS = parse_table("watchlists", ["name:str:80:unique", "note:text:null"])

MODEL = '''"""The watchlists table."""

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import Base, OwnedRecord


class Watchlist(OwnedRecord, Base):
    """A watchlist of one user."""

    __tablename__ = "watchlists"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    name: Mapped[str] = mapped_column(String(80))
    note: Mapped[str | None] = mapped_column(Text)
'''

SCHEMAS = '''"""Bodies of requests and responses about watchlists."""

from typing import Annotated

from pydantic import MISSING, Field

from backend.core.schemas import TEXT_MAX, RequestSchema, VersionedRead

Name = Annotated[str, Field(min_length=1, max_length=80)]
Note = Annotated[str, Field(max_length=TEXT_MAX)]


class WatchlistCreate(RequestSchema):
    """A new watchlist."""

    name: Name
    note: Note | None = None


class WatchlistChange(RequestSchema):
    """Changes to a watchlist; what is absent stays as it is."""

    name: Name | MISSING = MISSING
    note: Note | MISSING | None = MISSING


class WatchlistRead(VersionedRead):
    """A watchlist."""

    name: str
    note: str | None
'''

QUERIES = '''"""The statements that the operations on watchlists start from."""

from sqlalchemy import select

from backend.core.statements import OWNER, ROW
from backend.watchlists.models import Watchlist

ALL = select(Watchlist).where(Watchlist.user_id == OWNER)
ONE = ALL.where(Watchlist.id == ROW)
'''

SERVICES = '''"""What a user may do with watchlists."""

from backend.core.operations import Browse, Change, Create, Get, Remove
from backend.watchlists import queries
from backend.watchlists.models import Watchlist
from backend.watchlists.schemas import WatchlistChange, WatchlistCreate, WatchlistRead

MISSING = "You own no watchlist with this id."

create = Create(Watchlist, WatchlistCreate, WatchlistRead)
browse = Browse(queries.ALL, WatchlistRead, filter_by=("name",), sort_by=("name",))
get = Get(queries.ONE, WatchlistRead, MISSING)
change = Change(queries.ONE, WatchlistChange, WatchlistRead, MISSING)
remove = Remove(queries.ONE, MISSING)
'''

ALL = (EVERY_TYPE, ORDERS, QUOTES, RATES, SHARED_RATES)


def write(root: Path, files: Files) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def ruff(root: Path, *arguments: str) -> None:
    done = subprocess.run(
        [find_ruff_bin(), *arguments, "--no-cache", "--config", ROOT / "pyproject.toml", "."],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def check_types(root: Path, names: Iterable[str]) -> None:
    """Run the strict type checker over rendered modules, once for all of them."""
    for part in ("backend", "tests"):
        for path in (ROOT / part).iterdir():
            if not (root / part / path.name).exists():
                (root / part / path.name).symlink_to(path)
    (root / "pyproject.toml").symlink_to(ROOT / "pyproject.toml")
    paths = [f"{place}/{name}" for name in names for place in ("backend", "tests/unit")]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *paths],
        cwd=root,
        env={"PATH": "/nowhere", "MYPY_CACHE_DIR": str(ROOT / ".mypy_cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_files_are_what_one_would_write() -> None:
    files = {str(path): text for path, text in render_module(WATCHLISTS, {}).items()}
    assert files["backend/watchlists/models.py"] == MODEL
    assert files["backend/watchlists/schemas.py"] == SCHEMAS
    assert files["backend/watchlists/queries.py"] == QUERIES
    assert files["backend/watchlists/services.py"] == SERVICES
    assert sorted(files) == [
        "backend/watchlists/__init__.py",
        "backend/watchlists/models.py",
        "backend/watchlists/queries.py",
        "backend/watchlists/routes.py",
        "backend/watchlists/schemas.py",
        "backend/watchlists/services.py",
        "docs/tables/watchlists.md",
        "tests/unit/watchlists/test_routes.py",
    ]


def test_the_longest_names_fit_into_the_lines(tmp_path: Path) -> None:
    name = "x" * 35 + "s"
    columns = [f"{letter * 40}:str:unique" for letter in "abc"]
    spec = parse_table(name, [*columns, f"{'d' * 37}:ref:folders", f"{'e' * 40}:enum:a,b:null"])
    write(tmp_path, render_module(spec, PARENTS))
    ruff(tmp_path, "check")
    ruff(tmp_path, "format", "--check")


@given(st.tuples(*(tables(f"samples_{number}_rows") for number in range(12))))
@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],  # to shrink dozens of tables takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)
def test_random_tables_are_formatted_and_typed(
    tmp_path_factory: pytest.TempPathFactory, specs: tuple[TableSpec, ...]
) -> None:
    root = tmp_path_factory.mktemp("rendered")
    parents = {one.name: one for spec in (*ALL, *specs) for one in needed(spec)[:-1]}
    for spec in (*ALL, *specs):
        write(root, render_module(spec, PARENTS))
    for _, files in rendered(parents.values()):
        write(root, files)
    ruff(root, "check")
    ruff(root, "format", "--check")
    check_types(root, [spec.name for spec in (*ALL, *specs)])


def test_a_file_that_is_not_python_is_a_failure() -> None:
    with pytest.raises(Failure, match="not Python") as failure:
        formatted({PurePosixPath("x.py"): "def ("})
    assert "templates" in failure.value.hint
