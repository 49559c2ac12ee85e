"""Rendered modules as part of this process, without a trace in the application's own metadata."""

import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.client import OK
from pathlib import PurePosixPath
from types import ModuleType

from fastapi import FastAPI
from sqlalchemy import Column, MetaData, Table, Uuid
from sqlalchemy.orm import DeclarativeBase

from backend.core.models import NAMING_CONVENTION, Base
from backend.core.prefix_index import PrefixIndex
from jedgebot.rendering.module import render_module
from jedgebot.spec.table import TableSpec
from tests.cli.specs import PARENTS
from tests.clients import Client, registered

_PARTS = ("models", "schemas", "queries", "services", "routes")

Files = Mapping[PurePosixPath, str]


def own_base() -> type[DeclarativeBase]:
    """A base like the application's, that knows no table but as much of users as keys need."""

    class OwnBase(DeclarativeBase):
        metadata = MetaData(naming_convention=NAMING_CONVENTION)
        type_annotation_map = Base.type_annotation_map

    Table("users", OwnBase.metadata, Column("id", Uuid, primary_key=True))
    return OwnBase


def needed(spec: TableSpec, parents: Mapping[str, TableSpec] = PARENTS) -> list[TableSpec]:
    """The tables that one refers to, each after those that it refers to itself, and then it."""
    found: dict[str, TableSpec] = {}
    for _, ref in spec.refs:
        if ref.table in parents:
            found |= {one.name: one for one in needed(parents[ref.table], parents)}
    return [*found.values(), spec]


@contextmanager
def loaded(
    modules: Iterable[tuple[TableSpec, Files]], base: type[DeclarativeBase]
) -> Iterator[dict[str, ModuleType]]:
    """Import rendered modules while the context lasts.

    Yields:
        Every file of theirs, by the name of its module; the tests of a table by `tests.<table>`.
    """
    found: dict[str, ModuleType] = {}
    try:
        for spec, files in modules:
            package = found[f"backend.{spec.name}"] = ModuleType(f"backend.{spec.name}")
            sys.modules[f"backend.{spec.name}"] = package
            for part in _PARTS:
                source = files[PurePosixPath("backend", spec.name, f"{part}.py")]
                own = source.replace("import Base, ", "import ")
                name = f"backend.{spec.name}.{part}"
                found[name] = _executed(name, own, Base=base)
                setattr(package, part, found[name])
            tests = files[PurePosixPath("tests/unit", spec.name, "test_routes.py")]
            found[f"tests.{spec.name}"] = _executed(f"tests.{spec.name}", tests)
        yield found
    finally:
        for name in found:
            del sys.modules[name]


@contextmanager
def served(
    app: FastAPI, modules: Iterable[tuple[TableSpec, Files]]
) -> Iterator[dict[str, ModuleType]]:
    """Make rendered tables in the application's database, and serve them while it lasts.

    Yields:
        As `loaded`.
    """
    base = own_base()
    modules = list(modules)
    with loaded(modules, base) as found:
        for spec, _ in modules:
            router = vars(found[f"backend.{spec.name}.routes"])["router"]
            app.include_router(router, prefix=f"/{spec.name}")
        base.metadata.create_all(app.state.database.engine)
        app.state.metadata = base.metadata
        app.state.prefix_index = PrefixIndex(app.router)
        app.router.middleware_stack = app.state.prefix_index
        yield found


def rendered(
    specs: Iterable[TableSpec], parents: Mapping[str, TableSpec] = PARENTS
) -> list[tuple[TableSpec, Files]]:
    """The files of each table."""
    return [(spec, render_module(spec, parents)) for spec in specs]


def run_tests(app: FastAPI, tests: ModuleType) -> int:
    """Run the tests of a table that is served, each without rows at its start.

    Returns:
        How many there were.
    """
    functions = [one for name, one in vars(tests).items() if name.startswith("test_")]
    clients = {"visitor": Client(app), "alice": registered(app), "bob": registered(app)}
    for function in functions:
        wanted = inspect.signature(function).parameters
        function(**{name: client for name, client in clients.items() if name in wanted})
        empty(app)
        if clients["bob"].get("/users/me").status_code != OK:
            clients["bob"] = registered(app)  # a test of a reference to users deletes him
    return len(functions)


def empty(app: FastAPI) -> None:
    """Delete all rows of the rendered tables."""
    tables = reversed(app.state.metadata.sorted_tables)
    with app.state.database.engine.begin() as connection:
        for table in tables:
            if table.name != "users":
                connection.execute(table.delete())


def _executed(name: str, source: str, **names: object) -> ModuleType:
    module = ModuleType(name)
    module.__dict__.update(names)
    sys.modules[name] = module
    exec(compile(source, name, "exec"), module.__dict__)  # noqa: S102 - just rendered
    return module
