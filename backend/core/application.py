"""The application around its modules."""

import gc
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.types import ASGIApp

from backend.core import health
from backend.core.admission import Admission
from backend.core.declared_first import DeclaredFirst
from backend.core.error_handlers import add_error_handlers
from backend.core.lane.lane import new_lane
from backend.core.logs import configure_logs
from backend.core.models import Base
from backend.core.modules import Module
from backend.core.named_databases import open_databases
from backend.core.openapi import complete_openapi
from backend.core.passwords import PasswordHasher
from backend.core.prefix_index import PrefixIndex
from backend.core.rate_limits import AttemptLimits
from backend.core.settings import MAIN_DATABASE, Settings
from backend.core.tokens import TokenSigner
from backend.core.writes import Writes


class _Application(FastAPI):
    """FastAPI behind what every request meets first.

    Attributes:
        guarded: puts admission and the declared operations in front of an application.
    """

    guarded: Callable[[ASGIApp], ASGIApp]

    def build_middleware_stack(self) -> ASGIApp:
        """What answers failures, middleware that was added, ours, and FastAPI's other last.

        FastAPI's own costs a declared request as much as finding its route does, and changes
        nothing about it. Admission answers failures itself, but not those of middleware around it.
        """
        added, self.user_middleware = self.user_middleware, []
        try:
            failures = super().build_middleware_stack()
        finally:
            self.user_middleware = added
        if not isinstance(failures, ServerErrorMiddleware):
            raise TypeError("FastAPI's first middleware is not the one that answers failures.")
        stack = self.guarded(failures.app)
        for middleware in reversed(added):
            stack = middleware.cls(stack, *middleware.args, **middleware.kwargs)
        failures.app = stack
        return failures


@contextmanager
def _made_to_stay() -> Iterator[None]:
    """What is made meanwhile lives as long as the application: it is not searched for garbage.

    Each search would stop all requests for some ten milliseconds, and during the start the same
    objects would be searched again and again while they become more.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_enabled:
            gc.enable()


@_made_to_stay()
def new_application(settings: Settings, modules: Sequence[Module]) -> FastAPI:
    """An application of these modules.

    Raises:
        SettingsError: a setting cannot be used.
        ModuleNotLoadable: a module cannot be imported. Of many modules only the requests for it
            fail; see `backend.core.prefix_index`.
    """
    configure_logs(settings.log_level)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        if app.state.lane is not None:
            await app.state.lane.close()
        for database in app.state.databases.values():
            database.dispose()
        gc.unfreeze()
        app.state.password_hasher.close()

    app = _Application(
        title="JedgeBot",
        description="A trader's accounts, profiles and ledger.",
        version="0.1.0",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
        # Its log signal would carry exception texts, and so what clients sent.
        telemetry={"logs": False, "tracing": settings.telemetry, "metrics": settings.telemetry},
    )
    app.state.settings = settings
    writes = Writes(settings)
    app.state.databases = open_databases(settings, modules, writes)
    app.state.database = app.state.databases[MAIN_DATABASE]
    app.state.token_signer = TokenSigner(settings.signing_key)
    app.state.lane = new_lane(settings, app.state.database, app.state.token_signer, writes)
    app.state.password_hasher = PasswordHasher(
        settings.password_hash_threads, settings.password_hash_queue
    )
    app.state.attempt_limits = AttemptLimits(settings)
    add_error_handlers(app)
    complete_openapi(app)
    app.include_router(health.router)
    if settings.environment == "development":
        # Imported here: production has no such pages, and need not hold what makes them.
        from backend.core.documentation import add_documentation  # noqa: PLC0415 - see above

        add_documentation(app)
    app.state.metadata = Base.metadata
    app.state.prefix_index = PrefixIndex(app.router, modules)
    app.router.middleware_stack = app.state.prefix_index
    uploads = [module.prefix + path for module in modules for path in module.uploads]

    def guarded(inner: ASGIApp) -> ASGIApp:
        first = DeclaredFirst(inner, index=app.state.prefix_index)
        return Admission(first, settings=settings, uploads=uploads, writes=writes)

    app.guarded = guarded
    return app


def _operation_id(route: APIRoute) -> str:
    """The name of the endpoint: it stays when a path changes, and reads well in a client."""
    return route.name
