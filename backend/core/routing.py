"""The router that every module declares."""

import inspect
from collections.abc import Callable, Coroutine, Iterator
from email.message import Message
from http import HTTPStatus
from typing import Annotated, Any, get_args, get_origin

from fastapi import APIRouter, Request, Response
from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.params import Depends, Form
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.security.base import SecurityBase
from pydantic import BaseModel
from starlette.routing import BaseRoute

from backend.core.declared import LaneAttempt, plain_endpoint, require_fitting_path, response_of
from backend.core.declared_routes import RouteOutline, outline_of
from backend.core.errors import Unprocessable, UnsupportedMediaType
from backend.core.hop import Endpoint, in_one_hop
from backend.core.named_databases import gives_session
from backend.core.openapi import OperationFacts, Responses, documented_responses
from backend.core.operations import Operation
from backend.core.ownership import OwnerRule
from backend.core.query_parameters import DocumentedParameters, query_parameters_of
from backend.core.schemas import read_document


class TransactionRoute(APIRoute):
    """A route whose sync endpoint runs in one hop and one transaction (`backend.core.hop`).

    An `async def` endpoint opens its transactions itself, with `CurrentTransactions`.

    Raises:
        TypeError: an `async def` endpoint asks for `DbSession`, which nobody would commit, or
            for a parsed query, whose `fields` nobody would heed.
    """

    def __init__(self, path: str, endpoint: Endpoint, **options: Any) -> None:
        secured = _depends_on(endpoint, lambda call: isinstance(call, SecurityBase))
        status_code = options.get("status_code") or 200
        plain = endpoint
        if inspect.iscoroutinefunction(endpoint):
            wanted = [one for p in _parameters_of(endpoint) for one in _dependencies_of(p)]
            if any(gives_session(one) for one in wanted):
                raise TypeError(f"{endpoint.__name__} is async and takes DbSession.")
        else:
            model = options.get("response_model")
            endpoint = in_one_hop(
                endpoint,
                model.value if isinstance(model, DefaultPlaceholder) else model,
                status_code,
                idempotent=secured and "POST" in (options.get("methods") or ()),
            )
        if status_code == HTTPStatus.NO_CONTENT:
            options["response_class"] = Response
        super().__init__(path, endpoint, **options)
        parsed = query_parameters_of(self.dependant)
        if parsed is not None:
            if plain is endpoint:
                raise TypeError(f"{plain.__name__} is async and takes what a query is parsed to.")
            self.openapi_extra = DocumentedParameters(self.openapi_extra, parsed)
        operation = OperationFacts(
            methods=frozenset(self.methods or ()),
            status_code=status_code,
            secured=secured,
            has_body=self.body_field is not None,
            has_path_parameters=bool(self.dependant.path_params),
            conditional=any(parameter.name == "if_match" for parameter in _parameters_of(plain)),
            versioned="version" in getattr(self.response_model, "model_fields", {}),
        )
        self.responses = {**documented_responses(operation), **self.responses}
        if parsed is not None and self.response_model is not None:
            self.response_model = parsed.documented(self.response_model)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler behind the checks that FastAPI does not make.

        The handler raises:
            UnsupportedMediaType: the body is of another media type than the route takes.
            Unprocessable: the query has a parameter twice, or one that the route does not know.
        """
        handle = super().get_route_handler()
        media_type = self._media_type()
        known = self._query_parameters()
        parsed_later = query_parameters_of(self.dependant) is not None

        async def checked(request: Request) -> Response:
            if media_type is not None:
                _require_media_type(request, media_type)
            if not parsed_later and request.url.query:
                _require_known(request, known)
            return await handle(_ExactRequest(request.scope, request.receive))

        return checked

    def _media_type(self) -> str | None:
        if self.body_field is None:
            return None
        is_form = isinstance(self.body_field.field_info, Form)
        return "application/x-www-form-urlencoded" if is_form else "application/json"

    def _query_parameters(self) -> frozenset[str] | None:
        """Names of the query parameters; None where a model holds them and checks them itself."""
        fields = [field for part in _all_parts(self.dependant) for field in part.query_params]
        kinds = [field.field_info.annotation for field in fields]
        if any(isinstance(kind, type) and issubclass(kind, BaseModel) for kind in kinds):
            return None
        return frozenset(field.alias for field in fields)


class DeclaredRoute(TransactionRoute):
    """A route whose operation is declared.

    Attributes:
        attempt: tries the lane first; see `backend.core.declared_routes`.
    """

    def __init__(self, path: str, endpoint: Endpoint, **options: Any) -> None:
        self.attempt: LaneAttempt = vars(endpoint)["attempt"]
        super().__init__(path, endpoint, **options)


class Router(APIRouter):
    """FastAPI's router with `TransactionRoute`.

    A declared operation's route, which takes FastAPI milliseconds, is made when somebody asks
    for the routes: the lane does without it.

    Args:
        owner: whose rows the declared operations are about; a router without any needs none.
        options: as `APIRouter` takes them.
    """

    def __init__(self, *, owner: OwnerRule | None = None, **options: Any) -> None:
        self._routes: list[BaseRoute] = []
        self._waiting: list[tuple[RouteOutline, Callable[[], None]]] = []
        super().__init__(route_class=TransactionRoute, **options)
        self._owner = owner

    @property
    def routes(self) -> list[BaseRoute]:
        """Every route, in the order in which they were written."""
        while self._waiting:
            outline, make = self._waiting.pop(0)
            try:
                make()
            except BaseException:
                self._waiting.insert(0, (outline, make))
                raise
        return self._routes

    @routes.setter
    def routes(self, routes: list[BaseRoute]) -> None:
        self._routes = routes

    def outlines(self) -> list[RouteOutline]:
        """What the routes answer, in their order, without making those that wait."""
        made = [outline_of(context) for context in iter_route_contexts(self._routes)]
        return [*made, *(outline for outline, _ in self._waiting)]

    def declare(
        self,
        method: str,
        path: str,
        operation: Operation,
        *,
        name: str,
        description: str,
        responses: Responses | None = None,
    ) -> None:
        """Serve a declared operation.

        Args:
            method: of HTTP.
            path: below the router's prefix; a parameter in it is the row's id.
            operation: of the module's services.
            name: what the endpoint of the plain form would be called; the operation id.
            description: one sentence for the OpenAPI document.
            responses: further ones to document.

        Raises:
            TypeError: the router has no owner, or the path has another parameter than the
                id of the row that the operation is about.
        """
        if self._owner is None:
            raise TypeError(f"{name}: a router of declared operations has an owner.")
        require_fitting_path(operation, path)
        owner, attempt = self._owner, LaneAttempt(operation, self._owner)

        def make() -> None:
            endpoint = plain_endpoint(operation, owner, path, name, description)
            vars(endpoint)["attempt"] = attempt
            model, status_code = response_of(operation)
            self.add_api_route(
                path,
                endpoint,
                methods=[method],
                response_model=model,
                status_code=status_code,
                responses=responses,
                route_class_override=DeclaredRoute,
            )

        outline = RouteOutline(self.prefix + path, frozenset({method}), attempt)
        self._waiting.append((outline, make))


class _ExactRequest(Request):
    """A request in whose body numbers are not rounded without a word."""

    async def json(self) -> Any:
        """The document that the body is."""
        return read_document(await self.body())


def _all_parts(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for part in dependant.dependencies:
        yield from _all_parts(part)


def _parameters_of(call: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(call, eval_str=True).parameters.values())
    except (TypeError, ValueError):  # a builtin without a signature
        return []


def _dependencies_of(parameter: inspect.Parameter) -> list[Callable[..., Any]]:
    annotated = get_origin(parameter.annotation) is Annotated
    marks = (*(get_args(parameter.annotation)[1:] if annotated else ()), parameter.default)
    return [m.dependency for m in marks if isinstance(m, Depends) and m.dependency is not None]


def _depends_on(call: Callable[..., Any], wanted: Callable[[object], bool]) -> bool:
    """Whether a callable, or one of its dependencies at any depth, is wanted."""
    return wanted(call) or any(
        _depends_on(dependency, wanted)
        for parameter in _parameters_of(call)
        for dependency in _dependencies_of(parameter)
    )


def _require_media_type(request: Request, expected: str) -> None:
    length = request.headers.get("content-length")
    if length == "0" or (length is None and "transfer-encoding" not in request.headers):
        return
    header = Message()
    header["content-type"] = request.headers.get("content-type", "")
    sent = header.get_content_type()
    is_json = sent.startswith("application/") and sent.endswith("+json")
    if sent != expected and not (expected == "application/json" and is_json):
        raise UnsupportedMediaType(
            f"The body must be {expected}.",
            headers={"Accept-Post" if request.method == "POST" else "Accept-Patch": expected},
        )


def _require_known(request: Request, known: frozenset[str] | None) -> None:
    names = [name for name, _ in request.query_params.multi_items()]
    if len(names) != len(set(names)):
        raise Unprocessable("query", "There is a query parameter more than once.")
    if known is not None and not known.issuperset(names):
        raise Unprocessable("query", "There is a query parameter that is not known here.")
