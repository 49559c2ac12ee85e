"""Finds what can answer a path by its first segment.

FastAPI compares a request with every route of every included router, in turn, and builds them
all at start. Here a dictionary leads to the few modules under the path's first segment, so the
last module is found as fast as the first, an unknown path is refused at once, and of many
modules each is imported at the first request for it.
"""

import threading
from collections.abc import Awaitable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus

import anyio.to_thread
from fastapi import APIRouter, HTTPException
from fastapi.routing import iter_route_contexts
from sqlalchemy import MetaData
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from backend.core.declared_routes import DeclaredRoutes, outline_of, outlines_of
from backend.core.models import Base
from backend.core.modules import Module, ModuleNotLoadable, ReferencedModels, configure_models
from backend.core.mounting import mounted, narrowed, served_by
from backend.core.named_databases import metadata_of
from backend.core.settings import MAIN_DATABASE

MODULES_LOADED_AT_START = 50
"""With at most so many, all are loaded at start: a fault shows at once, and no request waits.

Of more, only what lies beside the first one is.
"""


_NOTHING_DECLARED = DeclaredRoutes()


class _Section:
    """All that lies under one first segment.

    Attributes:
        own: the application's routes.
        modules: in their order.
        routers: the modules' routers; None until they are loaded.
        declared: what is tried first; nothing until they are loaded.
        router: FastAPI's router narrowed to these routes; None until one request needs it.
        failure: why a module cannot be used. A second import would fail otherwise than the
            first, so it is not tried.
    """

    def __init__(self) -> None:
        self.own: list[BaseRoute] = []
        self.modules: list[Module] = []
        self.routers: list[APIRouter] | None = None
        self.declared = _NOTHING_DECLARED
        self.router: APIRouter | None = None
        self.failure: ModuleNotLoadable | None = None


class PrefixIndex:
    """FastAPI's router as an ASGI application, narrowed to the path's first segment.

    It knows the routes that the router has when it is made, and the modules. Declared operations
    (`DeclaredRoutes`) are tried by `attempt`, before FastAPI's routing, and FastAPI's own routes
    are made when a request needs them; the router's list of routes has all that are made, in the
    order of the modules.

    Args:
        router: the application's.
        modules: mounted under their prefixes, in this order.
        metadata: has the tables of the modules' models in the main database.

    Raises:
        ModuleNotLoadable: one of them cannot be used; with more than
            `MODULES_LOADED_AT_START` this is raised by the request that needs it.
    """

    def __init__(
        self,
        router: APIRouter,
        modules: Sequence[Module] = (),
        metadata: MetaData = Base.metadata,
    ) -> None:
        self._router = router
        self._own = list(router.routes)
        self._modules = list(modules)
        names = {MAIN_DATABASE, *(module.database for module in modules)}
        self._models = [ReferencedModels(metadata_of(name) or metadata) for name in sorted(names)]
        self._mounted: dict[Module, list[BaseRoute]] = {}
        self._loading = threading.Lock()
        self._sections: dict[str, _Section] = {}
        for route in self._own:
            for segment in {_first_segment(path) for path in _paths_of(route)}:
                self._section(segment).own.append(route)
        for module in self._modules:
            self._section(module.first_segment).modules.append(module)
        if len(self._modules) <= MODULES_LOADED_AT_START:
            self.load_all()
        else:
            # What all modules share, such as the caller's session, comes with the first one.
            self._load(self._sections[self._modules[0].first_segment])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection as ASGI asks."""
        if scope["type"] == "lifespan":
            await self._router.app(scope, receive, send)
            return
        section = self._section_of(_path_of(scope))
        if section is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        router = section.router
        if router is None:
            router = await anyio.to_thread.run_sync(self._mount, section)
        with served_by(self._router):
            await router.app(scope, receive, send)

    def attempt(
        self, scope: Scope, receive: Receive, send: Send
    ) -> Awaitable[Receive | None] | None:
        """Try the declared operation that a request is for.

        Returns:
            None if it is for no declared operation. Else the attempt, which gives None if the
            request is answered, and otherwise what to receive it from.

        The attempt raises:
            Problem: what the request is to be answered with.
            ModuleNotLoadable: the module cannot be used.
        """
        path = _path_of(scope)
        section = self._section_of(path)
        if section is None:
            return None
        if section.routers is None:
            return self._attempt_once_loaded(section, scope, receive, send)
        found = section.declared.find(scope["method"], path)
        if found is None:
            return None
        attempt, path_parameters = found
        return attempt(scope, receive, send, path_parameters)

    async def _attempt_once_loaded(
        self, section: _Section, scope: Scope, receive: Receive, send: Send
    ) -> Receive | None:
        await anyio.to_thread.run_sync(self._load, section)
        attempt = self.attempt(scope, receive, send)
        return receive if attempt is None else await attempt

    def load_all(self) -> None:
        """Load every module and make all of FastAPI's routes.

        Raises:
            ModuleNotLoadable: a module cannot be used.
        """
        for section in self._sections.values():
            self._mount(section)

    def segments_of(self, package: str) -> set[str]:
        """The first segments that a package is mounted under; all there are if it is nowhere."""
        found = {one.first_segment for one in self._modules if one.name == package}
        return found or set(self._sections)

    def routes_under(self, segment: str) -> list[BaseRoute]:
        """The routes under a first segment, whose modules are loaded, in the order of their turn.

        Raises:
            ModuleNotLoadable: a module cannot be used.
        """
        section = self._sections.get(segment)
        return self._mount(section).routes if section is not None else []

    async def load_all_in_turn(self) -> None:
        """Do the same on another thread, and let requests for single modules pass between.

        Raises:
            ModuleNotLoadable: a module cannot be used.
        """
        for section in self._sections.values():
            if section.router is None:
                await anyio.to_thread.run_sync(self._mount, section)

    def allowed_methods(self, scope: Scope) -> list[str]:
        """Every method that some route answers at the scope's path, sorted."""
        section = self._section_of(_path_of(scope))
        router = section.router if section else None
        methods: set[str] = set()
        for context in iter_route_contexts(router.routes if router else []):
            methods |= {
                method
                for method in context.methods or ()
                if context.matches({**scope, "method": method})[0] == Match.FULL
            }
        return sorted(methods | ({"HEAD"} if "GET" in methods else set()))

    def _section_of(self, path: str) -> _Section | None:
        """What can answer a path, if anything can."""
        # Patterns of routes end with $, which a line end may follow: it would be read over.
        return None if path.endswith("\n") else self._sections.get(_first_segment(path))

    def _section(self, segment: str) -> _Section:
        return self._sections.setdefault(segment, _Section())

    def _load(self, section: _Section) -> None:
        """Import the modules and what their tables refer to."""
        with self._loading, _failures_kept(section):
            self._load_once(section)

    def _mount(self, section: _Section) -> APIRouter:
        """Make FastAPI's routes, of modules that may have to be imported first."""
        with self._loading, _failures_kept(section):
            return section.router or self._mount_once(section)

    def _load_once(self, section: _Section) -> list[APIRouter]:
        if section.routers is None:
            routers = [module.load_router() for module in section.modules]
            for models in self._models:
                models.load()
            configure_models()
            outlines = [outline_of(context) for context in iter_route_contexts(section.own)]
            for module, router in zip(section.modules, routers, strict=True):
                outlines += [outline.under(module.prefix) for outline in outlines_of(router)]
            section.declared = DeclaredRoutes(outlines)
            section.routers = routers
        return section.routers

    def _mount_once(self, section: _Section) -> APIRouter:
        routers = zip(section.modules, self._load_once(section), strict=True)
        new = {module: self._included(module, router) for module, router in routers}
        self._mounted |= new
        self._router.routes = [
            *self._own,
            *(route for module in self._modules for route in self._mounted.get(module, ())),
        ]
        routes = [*section.own, *(route for some in new.values() for route in some)]
        section.router = narrowed(self._router, routes)
        return section.router

    def _included(self, module: Module, router: APIRouter) -> list[BaseRoute]:
        try:
            return mounted(self._router, router, module.prefix)
        except Exception as error:
            raise ModuleNotLoadable(f"{module.name}.routes cannot be mounted.") from error


@contextmanager
def _failures_kept(section: _Section) -> Iterator[None]:
    if section.failure is not None:
        raise ModuleNotLoadable(str(section.failure)) from section.failure.__cause__
    try:
        yield
    except ModuleNotLoadable as failure:
        section.failure = failure
        raise


def _path_of(scope: Scope) -> str:
    path: str = scope["path"]
    root_path: str = scope.get("root_path", "")
    return path.removeprefix(root_path) if root_path else path


def _first_segment(path: str) -> str:
    return path[1:].partition("/")[0]


def _paths_of(route: BaseRoute) -> Iterable[str]:
    paths = [context.path for context in iter_route_contexts([route])]
    return [path for path in paths if path is not None] or [getattr(route, "path", "")]
