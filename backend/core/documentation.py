"""The OpenAPI document, and a page to read it and try it on."""

import hashlib
from functools import cached_property
from pathlib import Path

import fastapi_offline
from fastapi import FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html, get_swagger_ui_oauth2_redirect_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from pydantic_core import to_json

from backend.core.conditional import matches

_ASSETS = Path(fastapi_offline.__file__).with_name("static")


class OpenAPIDocument:
    """The document as bytes, made at the first request for it."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    @cached_property
    def body(self) -> bytes:
        """The JSON text."""
        return to_json(self._app.openapi())

    @cached_property
    def etag(self) -> str:
        """Its strong entity tag."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'

    def answer(self, request: Request) -> Response:
        """The document, or 304 for a client that has it."""
        headers = {"ETag": self.etag}
        condition = request.headers.get("if-none-match")
        if condition is not None and matches(condition, self.etag, weakly=True):
            return Response(status_code=304, headers=headers)
        return Response(self.body, headers=headers, media_type="application/json")


def add_documentation(app: FastAPI) -> None:
    """Serve `/openapi.json`, and Swagger UI from a package, so that it needs no internet."""
    document = OpenAPIDocument(app)
    app.mount("/docs-assets", StaticFiles(directory=_ASSETS))

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi(request: Request) -> Response:
        return document.answer(request)

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
