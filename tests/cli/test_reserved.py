"""The lists of taken names have everything that is taken."""

import ast
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, SecretStr

from backend.core.models import Base
from backend.core.settings import Settings
from backend.main import create_app
from backend.models import metadata
from jedgebot.errors import Misuse
from jedgebot.rendering.module import render_module
from jedgebot.spec import words
from jedgebot.spec.grammar import parse_table
from jedgebot.spec.reserved import BACKEND_PACKAGES, CLASS_NAMES, LOCAL_NAMES, SQL_WORDS
from jedgebot.spec.reserved import ROUTE_PREFIXES as PREFIXES
from jedgebot.spec.table import TableSpec
from tests.cli.every_type import EVERY_TYPE, RATES, SHARED_RATES
from tests.cli.project_copy import ROOT
from tests.cli.specs import PARENTS
from tests.cli.test_rendering import WATCHLISTS
from tests.postgresql import PostgreSQL


def test_every_path_that_is_no_tables_is_taken(tmp_path: Path) -> None:
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'unused.db'}",
        secret_key=SecretStr("a key of the tests, with more than 32 bytes"),
        log_level="error",
    )
    app = create_app(settings)
    paths = [str(context.path) for context in iter_route_contexts(app.routes)]
    first = {path.split("/")[1].partition(".")[0] for path in paths}
    assert {"docs", "users"} <= first
    first = {name for name in first if "-" not in name}  # no table is called so
    assert first - metadata.tables.keys() - PREFIXES == set()


def test_every_reserved_word_of_postgresql_is_taken(postgresql: PostgreSQL) -> None:
    url = postgresql.url("postgres").replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        query = "SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')"
        reserved = {word for (word,) in connection.execute(query)}
    assert len(reserved) > 90
    assert reserved - SQL_WORDS == set()


def test_every_folder_of_the_backend_that_is_no_table_is_taken() -> None:
    folders = {path.parent.name for path in (ROOT / "backend").glob("*/__init__.py")}
    files = {path.stem for path in (ROOT / "backend").glob("[a-z]*.py")}
    assert folders - metadata.tables.keys() | files <= BACKEND_PACKAGES


@pytest.mark.parametrize(
    "spec", [WATCHLISTS, EVERY_TYPE, RATES, SHARED_RATES], ids=lambda spec: spec.name
)
def test_every_name_that_the_modules_code_uses_is_taken(spec: TableSpec) -> None:
    used: set[str] = set()
    for path, text in render_module(spec, PARENTS).items():
        if path.parts[0] == "backend":
            used |= names_in(ast.parse(text))
    own = {spec.singular, f"{spec.singular}_id", *(field.column for field in spec.fields)}
    functions = {name for name in used if name.islower() and spec.singular not in name}
    assert functions - own - LOCAL_NAMES == set()
    classes = {name for name in used if name[0].isupper() and not name.startswith(spec.class_name)}
    aliases = {words.camel_case(field.column) for field in spec.fields}
    constants = {name for name in classes if name.isupper()}
    assert classes - constants - aliases - CLASS_NAMES == set()


def names_in(tree: ast.AST) -> set[str]:
    """What a module's imports, functions, arguments and assignments bind, but no attributes."""
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(names=imported):
                names |= {alias.asname or alias.name for alias in imported}
            case ast.FunctionDef(name=name) | ast.arg(arg=name):
                names.add(name)
            case ast.Assign(targets=[ast.Name(id=name)]):
                names.add(name)
    return names - {"self", "__init__", "__tablename__", "__table_args__"}


@pytest.mark.parametrize(
    "call",
    [Base.__init__, BaseModel.__init__, BaseModel.model_construct],
    ids=lambda call: call.__qualname__,
)
def test_no_column_is_called_as_a_parameter_beside_the_columns(call: Callable[..., Any]) -> None:
    """Rows and bodies are made with `Model(**values)`."""
    parameters = inspect.signature(call).parameters.values()
    assert parameters
    for one in parameters:
        if one.kind is not inspect.Parameter.VAR_KEYWORD and not one.name.startswith("_"):
            with pytest.raises(Misuse):
                parse_table("watchlists", [f"{one.name}:int"])


def test_a_table_may_not_be_called_as_a_file_of_every_module() -> None:
    spec = parse_table("watchlists", ["x:int"])
    files = {path.stem for path in render_module(spec, {}) if path.parts[0] == "backend"}
    assert files - {"__init__"} <= BACKEND_PACKAGES
