"""The index of modules: each is loaded when it is needed, once, and all answer as if at start."""

import asyncio
import importlib
import sys
import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from httpx2 import ASGITransport, AsyncClient
from sqlalchemy import MetaData
from sqlalchemy.schema import CreateTable

import backend
from backend.core import prefix_index
from backend.core.documentation import add_documentation
from backend.core.modules import Module, ModuleNotLoadable
from backend.core.openapi import complete_openapi
from backend.core.prefix_index import PrefixIndex

_numbers = count()

ROUTES = """
import time
from fastapi import APIRouter

router = APIRouter()

@router.get("/name")
def name() -> str:
    time.sleep({pause})
    return __name__
"""


class House:
    """Modules in a package of the test's own, beside those of the backend."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.prefix = f"house{next(_numbers)}"
        self.metadata = MetaData()

    def add(self, name: str, **files: str) -> Module:
        """Write a module; its routes are those above unless they are given."""
        package = self.folder / f"{self.prefix}_{name}"
        package.mkdir()
        for file, text in {"__init__": "", "routes": ROUTES.format(pause=0), **files}.items():
            (package / f"{file}.py").write_text(text)
        return Module(f"backend.{package.name}", prefix=f"/{name}")

    def is_loaded(self, module: Module) -> bool:
        """Whether the module's routes are imported."""
        return f"{module.name}.routes" in sys.modules

    def app(self, *modules: Module) -> FastAPI:
        """An application of these modules, behind a first one if they are too many."""
        if prefix_index.MODULES_LOADED_AT_START == 0:
            modules = (self.add(f"first{next(_numbers)}"), *modules)
        app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
        complete_openapi(app)
        app.state.prefix_index = PrefixIndex(app.router, modules, self.metadata)
        app.router.middleware_stack = app.state.prefix_index
        return app


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """An empty house."""
    monkeypatch.setattr(backend, "__path__", [*backend.__path__, str(tmp_path)])
    house = House(tmp_path)
    yield house
    for name in [name for name in sys.modules if name.startswith(f"backend.{house.prefix}")]:
        del sys.modules[name]


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every house has too many modules to load them at start."""
    monkeypatch.setattr(prefix_index, "MODULES_LOADED_AT_START", 0)


def test_few_modules_are_loaded_at_start(house: House) -> None:
    modules = [house.add("a"), house.add("b")]
    house.app(*modules)
    assert all(map(house.is_loaded, modules))


def test_a_fault_of_one_of_few_modules_shows_at_start(house: House) -> None:
    broken = house.add("a", routes="1 / 0")
    with pytest.raises(ModuleNotLoadable, match=r"_a\.routes cannot be imported") as raised:
        house.app(broken)
    assert isinstance(raised.value.__cause__, ZeroDivisionError)


@pytest.mark.parametrize("routes", ["", "router = {}"])
def test_a_module_without_a_router_is_refused(house: House, routes: str) -> None:
    with pytest.raises(ModuleNotLoadable, match=r"_a\.routes"):
        house.app(house.add("a", routes=routes))


@pytest.mark.usefixtures("many")
def test_of_many_modules_each_is_loaded_by_the_first_request_for_it(house: House) -> None:
    modules = {name: house.add(name) for name in ("a", "b", "c")}
    client = TestClient(house.app(*modules.values()))
    assert [name for name in sys.modules if f"{house.prefix}_first" in name]
    assert not any(map(house.is_loaded, modules.values()))
    assert client.get("/none").status_code == 404
    assert client.get("/").status_code == 404
    assert client.get("//b/name").status_code == 404
    assert not any(map(house.is_loaded, modules.values()))
    for _ in range(2):
        assert client.get("/b/name").json() == f"{modules['b'].name}.routes"
    assert client.head("/b/name").content == b""
    assert client.get("/b/none").status_code == 404
    assert [name for name, module in modules.items() if house.is_loaded(module)] == ["b"]


@pytest.mark.usefixtures("many")
def test_of_the_first_of_many_modules_only_the_routes_of_fastapi_wait_for_a_request(
    house: House,
) -> None:
    first = house.add("a")
    app = FastAPI()
    own = list(app.router.routes)
    app.router.middleware_stack = PrefixIndex(app.router, [first])
    assert house.is_loaded(first)
    assert app.router.routes == own
    assert TestClient(app).get("/a/name").status_code == 200
    assert len(app.router.routes) == len(own) + 1


MODEL = """
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase):
    pass

class Thing(Base):
    __tablename__ = "things"
    id: Mapped[int] = mapped_column(primary_key=True)
"""


def test_the_models_of_a_module_that_is_loaded_are_ready_for_use(house: House) -> None:
    routes = f"from backend.{house.prefix}_a.models import Thing\n{ROUTES.format(pause=0)}"
    module = house.add("a", models=MODEL, routes=routes)
    house.app(module)
    assert sys.modules[f"{module.name}.models"].Thing.__mapper__.configured


def test_a_model_that_refers_to_nothing_shows_at_start(house: House) -> None:
    model = f"{MODEL}    others = relationship('Nowhere')\n"
    models = model.replace("mapped_column", "mapped_column, relationship", 1)
    routes = f"from backend.{house.prefix}_a.models import Thing\n{ROUTES.format(pause=0)}"
    module = house.add("a", models=models, routes=routes)
    try:
        with pytest.raises(ModuleNotLoadable, match="models do not fit together") as raised:
            house.app(module)
    finally:
        sys.modules[f"{module.name}.models"].Base.registry.dispose()
    assert "Nowhere" in str(raised.value.__cause__)


@pytest.mark.usefixtures("many")
def test_modules_of_one_segment_are_loaded_together_in_their_order(house: House) -> None:
    first, second = house.add("a"), house.add("b")
    second = Module(second.name, prefix=first.prefix)
    below = Module(house.add("c").name, prefix="/a/c")
    client = TestClient(house.app(first, second, below))
    assert client.get("/a/name").json() == f"{first.name}.routes"
    assert client.get("/a/c/name").json() == f"{below.name}.routes"
    assert house.is_loaded(second)


@pytest.mark.usefixtures("many")
def test_requests_that_come_at_once_load_a_module_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = house.app(house.add("a"))
    mounted = []
    include = APIRouter.include_router

    def counted(host: APIRouter, router: APIRouter, prefix: str) -> None:
        mounted.append(prefix)
        time.sleep(0.05)
        include(host, router, prefix=prefix)

    monkeypatch.setattr(APIRouter, "include_router", counted)
    barrier = threading.Barrier(4)

    def ask(_number: int) -> int:
        client = TestClient(app)
        barrier.wait()
        return client.get("/a/name").status_code

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert mounted == ["/a"]
    assert TestClient(app).get("/a/name").status_code == 200


@pytest.mark.usefixtures("many")
def test_a_fault_stays_the_same_and_concerns_its_segment_only(house: House) -> None:
    table = (
        "from sqlalchemy import Column, Integer, Table\n"
        f"from backend.{house.prefix}_metadata import metadata\n"
        'Table("once", metadata, Column("id", Integer, primary_key=True))\n'
        "1 / 0\n"
    )
    (house.folder / f"{house.prefix}_metadata.py").write_text(
        "from sqlalchemy import MetaData\nmetadata = MetaData()\n"
    )
    broken = house.add("a", models=table, routes="from .models import *\n")
    client = TestClient(house.app(broken, house.add("b")))
    for _ in range(2):
        with pytest.raises(ModuleNotLoadable) as raised:
            client.get("/a/name")
        assert isinstance(raised.value.__cause__, ZeroDivisionError)
    assert client.get("/b/name").status_code == 200


def test_the_order_of_loading_changes_neither_routes_nor_document(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = [house.add(name) for name in ("c", "a", "b")]
    documents = [house.app(*modules).openapi()]
    monkeypatch.setattr(prefix_index, "MODULES_LOADED_AT_START", 2)
    for first in ("/b/name", "/a/name"):
        app = house.app(*modules)
        TestClient(app).get(first)
        documents.append(app.openapi())
    assert list(documents[0]["paths"]) == ["/c/name", "/a/name", "/b/name"]
    assert [str(document) for document in documents] == [str(documents[0])] * 3


@pytest.mark.usefixtures("many")
def test_a_request_is_answered_while_all_modules_are_loaded(house: House) -> None:
    slow = "import time; time.sleep(0.02)\n" + ROUTES.format(pause=0)
    modules = [house.add(f"m{number}", routes=slow) for number in range(20)]
    app = house.app(*modules)
    index: PrefixIndex = app.state.prefix_index
    client = TestClient(app)
    with client:
        assert client.portal is not None
        loading = client.portal.start_task_soon(index.load_all_in_turn)
        assert client.get("/m19/name").status_code == 200
        assert not loading.done()
        loading.result()
    assert all(map(house.is_loaded, modules))


def _model(house: House, table: str, refers_to: str) -> str:
    column = f'Column("other_id", ForeignKey("{house.prefix}_{refers_to}.id"))' * bool(refers_to)
    return (
        "from sqlalchemy import Column, ForeignKey, Integer, Table\n"
        f"from backend.{house.prefix}_base import metadata\n"
        f'table = Table("{house.prefix}_{table}", metadata,'
        f' Column("id", Integer, primary_key=True), {column})\n'
    )


def _with_models(house: House, **references: str) -> dict[str, Module]:
    (house.folder / f"{house.prefix}_base.py").write_text(
        "from sqlalchemy import MetaData\nmetadata = MetaData()\n"
    )
    house.metadata = importlib.import_module(f"backend.{house.prefix}_base").metadata
    return {
        name: house.add(
            name,
            models=_model(house, name, other),
            routes=f"from backend.{house.prefix}_{name} import models\n" + ROUTES.format(pause=0),
        )
        for name, other in references.items()
    }


@pytest.mark.usefixtures("many")
def test_the_models_that_foreign_keys_name_are_loaded_too(house: House) -> None:
    modules = _with_models(house, a="b", b="c", c="", d="")
    client = TestClient(house.app(*modules.values()))
    assert client.get("/a/name").status_code == 200
    prefix = house.prefix
    assert set(house.metadata.tables) == {f"{prefix}_a", f"{prefix}_b", f"{prefix}_c"}
    CreateTable(house.metadata.tables[f"{prefix}_a"]).compile()
    assert not house.is_loaded(modules["b"])


@pytest.mark.usefixtures("many")
def test_tables_may_refer_to_each_other_and_to_themselves(house: House) -> None:
    modules = _with_models(house, a="b", b="a", c="c")
    client = TestClient(house.app(*modules.values()))
    assert client.get("/a/name").status_code == 200
    assert client.get("/c/name").status_code == 200
    assert len(house.metadata.tables) == 3


def test_a_model_that_is_not_where_its_table_says_is_named(house: House) -> None:
    modules = _with_models(house, a="nowhere")
    with pytest.raises(ModuleNotLoadable, match=rf"{house.prefix}_nowhere\.models"):
        house.app(*modules.values())


@pytest.mark.parametrize("prefix", ["", "/", "users", "/users/", "/{user_id}", "//x"])
def test_a_prefix_begins_with_fixed_text(prefix: str) -> None:
    with pytest.raises(ValueError, match="the prefix"):
        Module("backend.users", prefix=prefix)


def test_the_document_is_made_once_for_all_who_ask_at_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    complete_openapi(app)
    made = 0
    build = app.openapi

    def counted() -> dict[str, object]:
        nonlocal made
        made += 1
        return build()

    monkeypatch.setattr(app, "openapi", counted)
    add_documentation(app)
    app.state.prefix_index = PrefixIndex(app.router, [house.add("a")], house.metadata)
    app.router.middleware_stack = app.state.prefix_index

    async def ask_at_once() -> list[str]:
        async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
            answers = await asyncio.gather(*(client.get("/openapi.json") for _ in range(5)))
            return [answer.headers["etag"] for answer in answers]

    assert len(set(asyncio.run(ask_at_once()))) == 1
    assert made == 1
