"""The application without its modules."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import fastapi_offline
from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html, get_swagger_ui_oauth2_redirect_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy import MetaData

from backend.core import health
from backend.core.body_limit import BodyLimit
from backend.core.database import new_database
from backend.core.error_handlers import add_error_handlers
from backend.core.logs import RequestContext, configure_logs
from backend.core.openapi import add_problem_schema
from backend.core.passwords import PasswordHasher
from backend.core.prefix_index import PrefixIndex
from backend.core.rate_limits import LoginLimits
from backend.core.settings import Settings
from backend.core.tokens import TokenSigner

_ASSETS = Path(fastapi_offline.__file__).with_name("static")


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
        openapi_url="/openapi.json" if settings.environment == "development" else None,
        lifespan=lifespan,
        redirect_slashes=False,
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
        _add_documentation_page(app)
    return app


def completed(app: FastAPI, metadata: MetaData) -> FastAPI:
    """The application, once all routers are included: all tables known, the index in front."""
    app.state.metadata = metadata
    app.state.prefix_index = PrefixIndex(app.router)
    app.router.middleware_stack = app.state.prefix_index
    return app


def _add_documentation_page(app: FastAPI) -> None:
    """Serve Swagger UI from a package, so that it works without the internet."""
    app.mount("/docs-assets", StaticFiles(directory=_ASSETS))

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        root = request.scope.get("root_path", "")
        return get_swagger_ui_html(
            openapi_url=f"{root}/openapi.json",
            title=app.title,
            oauth2_redirect_url=f"{root}/docs/oauth2-redirect",
            swagger_js_url=f"{root}/docs-assets/swagger-ui-bundle.js",
            swagger_css_url=f"{root}/docs-assets/swagger-ui.css",
            swagger_favicon_url=f"{root}/docs-assets/favicon.png",
        )

    @app.get("/docs/oauth2-redirect", include_in_schema=False)
    async def oauth2_redirect() -> HTMLResponse:
        return get_swagger_ui_oauth2_redirect_html()
