"""Edits of the two shared files: in their place, once, and never by force."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from jedgebot.editing.mounting import mount
from jedgebot.editing.results import AlreadyThere, CannotEdit, Changed, Result
from jedgebot.editing.scope import add_to_scope
from jedgebot.spec.grammar import parse_table
from jedgebot.spec.table import TableSpec
from tests.cli.project_copy import ROOT

Edit = Callable[[str, TableSpec], Result]

SCOPE = '''"""The metadata scope."""

from backend.core.models import Base
from backend.orders.models import Order
from backend.users.models import User

__all__ = ["Order", "User", "metadata"]

metadata = Base.metadata
'''

MAIN = '''"""The application."""

from fastapi import FastAPI

from backend.core.application import new_application
from backend.core.modules import Module
from backend.core.settings import Settings

MODULES = (
    # Sorted by name.
    Module("backend.orders", prefix="/orders"),  # the first
    # Users come last.
    Module("backend.users", prefix="/users"),
)


def create_app(settings: Settings) -> FastAPI:
    """Make it."""
    return new_application(settings, MODULES)
'''


def table(name: str) -> TableSpec:
    return parse_table(name, ["x:int"])


def changed(result: Result) -> str:
    assert isinstance(result, Changed), result
    return result.source


@pytest.mark.parametrize(
    ("name", "imports", "exported"),
    [
        ("alerts", "alerts core orders users", '["Alert", "Order", "User", "metadata"]'),
        ("positions", "core orders positions users", '["Order", "Position", "User", "metadata"]'),
        (
            "watchlists",
            "core orders users watchlists",
            '["Order", "User", "Watchlist", "metadata"]',
        ),
    ],
)
def test_a_model_is_imported_and_exported_in_its_place(
    name: str, imports: str, exported: str
) -> None:
    source = changed(add_to_scope(SCOPE, table(name)))
    lines = [line for line in source.splitlines() if line.startswith("from backend.")]
    assert [line.split(".")[1] for line in lines] == imports.split()
    assert f"__all__ = {exported}\n" in source
    assert len(source.splitlines()) == len(SCOPE.splitlines()) + 1


@pytest.mark.parametrize(
    ("name", "mounted"),
    [
        ("alerts", "alerts orders users"),
        ("positions", "orders positions users"),
        ("watchlists", "orders users watchlists"),
    ],
)
def test_a_module_is_named_in_its_place(name: str, mounted: str) -> None:
    source = changed(mount(MAIN, table(name)))
    lines = [line.strip() for line in source.splitlines()]
    assert [line.partition("  #")[0] for line in lines if line.startswith("Module(")] == [
        f'Module("backend.{one}", prefix="/{one}"),' for one in mounted.split()
    ]
    first = mounted.split(maxsplit=1)[0]
    assert f'# Sorted by name.\n    Module("backend.{first}"' in source
    assert '# Users come last.\n    Module("backend.users"' in source
    assert 'prefix="/orders"),  # the first\n' in source
    assert len(lines) == len(MAIN.splitlines()) + 1


@pytest.mark.parametrize("edit", [add_to_scope, mount])
def test_the_second_time_it_is_there(edit: Edit) -> None:
    source = SCOPE if edit is add_to_scope else MAIN
    once = changed(edit(source, table("alerts")))
    assert edit(once, table("alerts")) == AlreadyThere()


@pytest.mark.parametrize("edit", [add_to_scope, mount])
def test_several_tables_in_any_order_give_the_same(edit: Edit) -> None:
    names = ["alerts", "positions", "very_long_names_of_many_tables", "watchlists"]
    source = backwards = SCOPE if edit is add_to_scope else MAIN
    for name in names:
        source = changed(edit(source, table(name)))
    for name in reversed(names):
        backwards = changed(edit(backwards, table(name)))
    assert source == backwards
    assert max(map(len, source.splitlines())) <= 100


def test_half_of_an_edit_is_completed() -> None:
    whole = changed(add_to_scope(SCOPE, table("alerts")))
    added = [line for line in whole.splitlines() if line not in SCOPE.splitlines()]
    without_import = whole.replace(f"{added[0]}\n", "", 1)
    assert without_import != whole
    assert changed(add_to_scope(without_import, table("alerts"))) == whole


def test_a_hand_edited_scope_keeps_its_comments_and_its_shape() -> None:
    source = SCOPE.replace(
        '__all__ = ["Order", "User", "metadata"]',
        '__all__ = [\n    "Order",  # the first\n    "User",\n    "metadata",  # last\n]',
    ).replace("from backend.users", "# Users come last.\nfrom backend.users")
    assert changed(add_to_scope(source, table("positions"))) == source.replace(
        '"Order",  # the first\n', '"Order",  # the first\n    "Position",\n'
    ).replace(
        "# Users come last.\n",
        "from backend.positions.models import Position\n# Users come last.\n",
    )
    behind = changed(
        add_to_scope(source.replace('    "metadata",', '    "Metadata",'), table("zoos"))
    )
    assert '    "Metadata",  # last\n    "Zoo",\n]' in behind


def test_a_list_that_becomes_too_long_gets_a_line_for_each_name() -> None:
    long = ", ".join(f'"Model{number:02}"' for number in range(8))
    source = SCOPE.replace('"Order", "User", "metadata"', long)
    edited = changed(add_to_scope(source, table("watchlists")))
    assert '__all__ = [\n    "Model00",\n    "Model01",\n' in edited
    assert '    "Model07",\n    "Watchlist",\n]\n' in edited


ALERTS = 'Module("backend.alerts", prefix="/alerts")'
LONG = 'Module(name="backend.a_module_with_a_name", prefix="/a_long_prefix")'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            'MODULES = (Module("backend.a", "/a"),)\n',
            f'MODULES = (Module("backend.a", "/a"), {ALERTS})\n',
        ),
        (
            'MODULES: X = (m.Module("backend.zoos", "/z"), *more)\n',
            f'MODULES: X = ({ALERTS}, m.Module("backend.zoos", "/z"), *more)\n',
        ),
        (f"MODULES = ({LONG},)\n", f"MODULES = (\n    {LONG},\n    {ALERTS},\n)\n"),
        (
            'MODULES = (\n    Module("backend.a", "/a"),  # only\n    # end\n)\n',
            f'MODULES = (\n    Module("backend.a", "/a"),  # only\n    # end\n    {ALERTS},\n)\n',
        ),
    ],
)
def test_modules_may_be_written_in_other_forms(before: str, after: str) -> None:
    assert changed(mount(before, table("alerts"))) == after


@pytest.mark.parametrize("length", [20, 32, 33, 35, 36])
def test_a_line_is_wrapped_as_the_formatter_does(length: int) -> None:
    source = changed(mount(MAIN, table("a" * (length - 1) + "s")))
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--line-length=100", "-"],
        input=source,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == source


def test_a_module_that_is_mounted_elsewhere_by_hand_stays_there() -> None:
    source = MAIN.replace('prefix="/orders"', 'prefix="/market/orders"')
    assert mount(source, table("orders")) == AlreadyThere()


@pytest.mark.parametrize(
    ("edit", "source", "reason"),
    [
        (add_to_scope, "def (", "is not Python"),
        (add_to_scope, "from backend.a.models import A\n", "has no __all__"),
        (add_to_scope, "from backend.a.models import A\n__all__ = names()\n", "has no __all__"),
        (add_to_scope, 'from backend.a.models import A\n__all__ = ["A", A]\n', "has no __all__"),
        (add_to_scope, 'from other import A\n__all__ = ["A"]\n', "no import from the backend"),
        (mount, "def (", "is not Python"),
        (mount, "x = 1\n", "has no MODULES"),
        (mount, "MODULES = ()\n", "has no MODULES"),
        (mount, "MODULES = modules()\n", "has no MODULES"),
        (mount, "MODULES = ((Module(name, prefix),),)\n", "has no MODULES"),
        (mount, f"{MAIN}MODULES = (*MODULES,)\n", "has no MODULES"),
        (mount, MAIN.replace('"/users"', '"/alerts"'), "mounts backend.users at /alerts"),
    ],
)
def test_what_cannot_be_edited_comes_with_the_lines_to_write(
    edit: Edit, source: str, reason: str
) -> None:
    result = edit(source, table("alerts"))
    assert isinstance(result, CannotEdit)
    assert reason in result.reason
    line = 'Module("backend.alerts", prefix="/alerts")'
    assert (line if edit is mount else "from backend.alerts") in result.hint


@pytest.mark.parametrize(
    ("edit", "path"),
    [(add_to_scope, "backend/models/__init__.py"), (mount, "backend/main.py")],
)
def test_the_projects_own_files_can_be_edited(edit: Edit, path: str) -> None:
    source = (ROOT / path).read_text(encoding="utf-8")
    edited = changed(edit(source, table("watchlists")))
    assert set(source.splitlines()) - set(edited.splitlines()) <= {
        line for line in source.splitlines() if line.startswith("__all__")
    }
