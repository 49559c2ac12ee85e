"""Edits of the two shared files: in their place, once, and never by force."""

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

from backend import models
from backend.core.settings import Settings
from backend.orders import routes as orders
from backend.users import routes as users


def create_app(settings: Settings) -> FastAPI:
    """Make it."""
    app = FastAPI()
    # Sorted by name.
    app.include_router(orders.router, prefix="/orders")
    app.include_router(users.router, prefix="/users")
    return app
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
def test_a_router_is_imported_and_mounted_in_its_place(name: str, mounted: str) -> None:
    source = changed(mount(MAIN, table(name)))
    lines = [line.strip() for line in source.splitlines()]
    assert [line for line in lines if line.startswith("app.include_router")] == [
        f'app.include_router({one}.router, prefix="/{one}")' for one in mounted.split()
    ]
    imports = [line for line in lines if " import routes as " in line]
    assert imports == [f"from backend.{one} import routes as {one}" for one in mounted.split()]
    first = mounted.split(maxsplit=1)[0]
    assert f"# Sorted by name.\n    app.include_router({first}.router" in source
    assert len(lines) == len(MAIN.splitlines()) + 2


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


@pytest.mark.parametrize("edit", [add_to_scope, mount])
def test_half_of_an_edit_is_completed(edit: Edit) -> None:
    source = SCOPE if edit is add_to_scope else MAIN
    whole = changed(edit(source, table("alerts")))
    added = [line for line in whole.splitlines() if line not in source.splitlines()]
    without_import = whole.replace(f"{added[0]}\n", "", 1)
    assert without_import != whole
    assert changed(edit(without_import, table("alerts"))) == whole


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


def test_routers_may_be_mounted_in_another_function_or_at_the_top() -> None:
    at_the_top = 'from backend.a import routes as a\n\nsite.include_router(a.router, prefix="/a")\n'
    assert changed(mount(at_the_top, table("alerts"))).splitlines()[-1] == (
        'site.include_router(alerts.router, prefix="/alerts")'
    )
    in_a_branch = MAIN.replace(
        '    app.include_router(users.router, prefix="/users")\n',
        '    if settings:\n        app.include_router(users.router, prefix="/users")\n',
    )
    assert (
        '    if settings:\n        app.include_router(users.router, prefix="/users")\n'
        '        app.include_router(watchlists.router, prefix="/watchlists")\n'
    ) in changed(mount(in_a_branch, table("watchlists")))


@pytest.mark.parametrize(
    ("edit", "source", "reason"),
    [
        (add_to_scope, "def (", "is not Python"),
        (add_to_scope, "from backend.a.models import A\n", "has no __all__"),
        (add_to_scope, "from backend.a.models import A\n__all__ = names()\n", "has no __all__"),
        (add_to_scope, 'from backend.a.models import A\n__all__ = ["A", A]\n', "has no __all__"),
        (add_to_scope, 'from other import A\n__all__ = ["A"]\n', "no import from the backend"),
        (mount, "def (", "is not Python"),
        (mount, "from backend.a import routes as a\n", "has no include_router"),
        (mount, MAIN.replace("settings", "alerts"), "uses the name alerts"),
        (mount, f"{MAIN}alerts = 1\n", "uses the name alerts"),
        (mount, MAIN.replace('prefix="/users"', 'prefix="/alerts"'), "mounts users.router"),
        (mount, 'app.include_router(a.router, prefix="/a")\n', "no import from the backend"),
    ],
)
def test_what_cannot_be_edited_comes_with_the_lines_to_write(
    edit: Edit, source: str, reason: str
) -> None:
    result = edit(source, table("alerts"))
    assert isinstance(result, CannotEdit)
    assert reason in result.reason
    assert "from backend.alerts" in result.hint


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
