"""Rendered modules as part of this process, without a trace in the application's own metadata."""

import sys
from collections.abc import Iterable
from types import ModuleType

import pytest
from fastapi import FastAPI
from sqlalchemy import Column, MetaData, Table, Uuid
from sqlalchemy.orm import DeclarativeBase

from backend.core.models import NAMING_CONVENTION, Base
from backend.core.prefix_index import PrefixIndex
from jedgebot.rendering.module import render_module
from jedgebot.spec.table import TableSpec
from tests.cli.specs import PARENTS

_PARTS = ("models", "schemas", "queries", "services", "routes")


def own_base() -> type[DeclarativeBase]:
    """A base like the application's, that knows no table but as much of users as keys need."""

    class OwnBase(DeclarativeBase):
        metadata = MetaData(naming_convention=NAMING_CONVENTION)
        type_annotation_map = Base.type_annotation_map

    Table("users", OwnBase.metadata, Column("id", Uuid, primary_key=True))
    return OwnBase


def add_modules(
    app: FastAPI, specs: Iterable[TableSpec], monkeypatch: pytest.MonkeyPatch
) -> dict[str, ModuleType]:
    """Render tables, make them in the application's database, and serve their routes.

    Returns:
        The generated test file of each table, as a module.
    """
    base = own_base()
    tests = {}
    for spec in specs:
        files = {path.as_posix(): text for path, text in render_module(spec, PARENTS).items()}
        package = f"backend.{spec.name}"
        modules = {"": ModuleType(package)}
        monkeypatch.setitem(sys.modules, package, modules[""])
        for part in _PARTS:
            source = files[f"backend/{spec.name}/{part}.py"]
            modules[part] = _executed(f"{package}.{part}", source, monkeypatch, Base=base)
            setattr(modules[""], part, modules[part])
        app.include_router(modules["routes"].router, prefix=f"/{spec.name}")
        path = f"tests/unit/{spec.name}/test_routes.py"
        tests[spec.name] = _executed(f"generated_{spec.name}", files[path], monkeypatch)
    base.metadata.create_all(app.state.database.engine)
    app.state.metadata = base.metadata
    app.state.prefix_index = PrefixIndex(app.router)
    app.router.middleware_stack = app.state.prefix_index
    return tests


def _executed(
    name: str, source: str, monkeypatch: pytest.MonkeyPatch, **names: object
) -> ModuleType:
    module = ModuleType(name)
    module.__dict__.update(names)
    monkeypatch.setitem(sys.modules, name, module)
    own = source.replace("import Base, OwnedRecord", "import OwnedRecord")
    exec(compile(own, name, "exec"), module.__dict__)  # noqa: S102 - just rendered
    return module
