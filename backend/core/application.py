"""The application without its modules."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy import MetaData

from backend.core import health
from backend.core.body_limit import BodyLimit
from backend.core.database import new_database
from backend.core.documentation import add_documentation
from backend.core.error_handlers import add_error_handlers
from backend.core.logs import RequestContext, configure_logs
from backend.core.openapi import add_problem_schema
from backend.core.passwords import PasswordHasher
from backend.core.prefix_index import PrefixIndex
from backend.core.rate_limits import LoginLimits
from backend.core.settings import Settings
from backend.core.tokens import TokenSigner


def new_application(settings: Settings) -> FastAPI:
    """An application with everything but the modules' routers.

    Raises:
        SettingsError: a setting cannot be used.
    """
    configure_logs(settings.log_level)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        app.state.database.dispose()
        app.state.password_hasher.close()

    app = FastAPI(
        title="JedgeBot",
        description="A trader's accounts, profiles and ledger.",
        version="0.1.0",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        # The name of the endpoint: it stays when a path changes, and reads well in a client.
        generate_unique_id_function=lambda route: route.name,
        # Its log signal would carry exception texts, and so what clients sent.
        telemetry={"logs": False},
    )
    app.state.settings = settings
    app.state.database = new_database(settings)
    app.state.token_signer = TokenSigner(settings.signing_key)
    app.state.password_hasher = PasswordHasher(
        settings.password_hash_threads, settings.password_hash_queue
    )
    app.state.login_limits = LoginLimits(settings)
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    app.add_middleware(RequestContext, log_requests=settings.log_requests)
    add_error_handlers(app)
    add_problem_schema(app)
    app.include_router(health.router)
    if settings.environment == "development":
        add_documentation(app)
    return app


def completed(app: FastAPI, metadata: MetaData) -> FastAPI:
    """The application, once all routers are included: all tables known, the index in front."""
    app.state.metadata = metadata
    app.state.prefix_index = PrefixIndex(app.router)
    app.router.middleware_stack = app.state.prefix_index
    return app
