"""Query parameters that core reads itself, as FastAPI sees them."""

from collections.abc import Iterator
from typing import Any, Generic

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant

from backend.core.query_strings import Parsed, QueryParameters


class ParsedQuery(Generic[Parsed]):
    """The dependency that gives an endpoint its query parameters, parsed.

    What they say of the response's fields it leaves in `request.state.included`, for those who
    write the response.
    """

    def __init__(self, parameters: QueryParameters[Parsed]) -> None:
        self.parameters = parameters

    async def __call__(self, request: Request) -> Parsed:
        """Parse the request's query.

        Raises:
            Unprocessable: it has faults.
        """
        parsed = self.parameters.parse(request.scope["query_string"])
        request.state.included = self.parameters.included(parsed)
        return parsed


def from_query(parameters: QueryParameters[Any]) -> Any:
    """Mark an endpoint's argument that the query gives.

    `wanted: Annotated[ListRequest, from_query(ListParameters(FillRead))]`. Such an endpoint is
    sync, since `backend.core.hop` writes its response, and has no other query parameters.
    """
    return Depends(ParsedQuery(parameters))


def is_from_query(annotation: Any) -> bool:
    """Whether an argument with this annotation is one that `from_query` marks."""
    marks = getattr(annotation, "__metadata__", ())
    return any(isinstance(getattr(mark, "dependency", None), ParsedQuery) for mark in marks)


def query_parameters_of(dependant: Dependant) -> QueryParameters[Any] | None:
    """The parameters that core reads for an endpoint; None where FastAPI reads them."""
    return next(_parsed_in(dependant), None)


def _parsed_in(dependant: Dependant) -> Iterator[QueryParameters[Any]]:
    if isinstance(dependant.call, ParsedQuery):
        yield dependant.call.parameters
    for part in dependant.dependencies:
        yield from _parsed_in(part)


class DocumentedParameters(dict[str, Any]):
    """An operation's `openapi_extra` that describes its parameters once the document is made."""

    def __init__(self, extra: dict[str, Any] | None, parameters: QueryParameters[Any]) -> None:
        super().__init__(extra or {}, parameters=[])
        self._others = [*(extra or {}).get("parameters", ())]
        self._parameters = parameters

    def items(self) -> Any:  # Any: the type of dict's own view has no public name
        """What FastAPI adds to the operation."""
        self["parameters"] = [*self._others, *self._parameters.openapi_parameters()]
        return super().items()
