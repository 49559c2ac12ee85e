"""The OpenAPI document, and a page to read it and try it on."""

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread
import fastapi_offline
from fastapi import FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html, get_swagger_ui_oauth2_redirect_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from pydantic_core import to_json

from backend.core.conditional import matches
from backend.core.prefix_index import PrefixIndex

_ASSETS = Path(fastapi_offline.__file__).with_name("static")


@dataclass(frozen=True)
class OpenAPIDocument:
    """The document as it is served.

    Attributes:
        body: JSON text. It is the same in every worker, whatever was loaded first.
        etag: its strong entity tag.
    """

    body: bytes
    etag: str

    @classmethod
    def of(cls, app: FastAPI) -> "OpenAPIDocument":
        """Make the document of all modules; this takes milliseconds for each of them."""
        body = to_json(app.openapi())
        return cls(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')

    def answer(self, request: Request) -> Response:
        """The document, or 304 for a client that has it."""
        headers = {"ETag": self.etag}
        condition = request.headers.get("if-none-match")
        if condition is not None and matches(condition, self.etag, weakly=True):
            return Response(status_code=304, headers=headers)
        return Response(self.body, headers=headers, media_type="application/json")


class _OpenAPIEndpoint:
    """Makes the document at the first request for it, beside the event loop, and once."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._made: OpenAPIDocument | None = None
        self._making: asyncio.Task[None] | None = None

    async def document(self) -> OpenAPIDocument:
        """The document.

        Raises:
            ModuleNotLoadable: a module cannot be imported.
        """
        while self._made is None:
            if self._making is None or self._making.done():
                self._making = asyncio.create_task(self._make())
            # Who goes away does not take it from the others who wait.
            await asyncio.shield(self._making)
        return self._made

    async def _make(self) -> None:
        index: PrefixIndex = self._app.state.prefix_index
        await index.load_all_in_turn()
        self._made = await anyio.to_thread.run_sync(OpenAPIDocument.of, self._app)


def add_documentation(app: FastAPI) -> None:
    """Serve `/openapi.json`, and Swagger UI from a package, so that it needs no internet."""
    endpoint = _OpenAPIEndpoint(app)
    app.mount("/docs-assets", StaticFiles(directory=_ASSETS))

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi(request: Request) -> Response:
        return (await endpoint.document()).answer(request)

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
