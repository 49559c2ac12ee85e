"""Query strings that core reads itself, without a Pydantic model of all parameters."""

from typing import Any, Protocol, TypeVar
from urllib.parse import unquote_plus

from pydantic import TypeAdapter, ValidationError

from backend.core.errors import FieldError, InvalidRequest, Unprocessable

Parsed = TypeVar("Parsed")
Included = set[str] | dict[str, Any]
"""Which fields of a response are dumped, as Pydantic's `include` takes it."""


class QueryParameters(Protocol[Parsed]):
    """The query parameters of an operation."""

    def parse(self, query_string: bytes) -> Parsed:
        """Read a raw query string.

        Raises:
            Unprocessable: it has faults; they name parameters, and repeat nothing that was sent.
        """

    def included(self, parsed: Parsed) -> Included | None:
        """Which fields the response has; None for all of them."""

    def documented(self, model: Any) -> Any:
        """The response model as the document describes it: any selection of fields is one."""

    def openapi_parameters(self) -> list[dict[str, Any]]:
        """The parameters as the OpenAPI 3.1 document describes them."""


class Faults:
    """What is wrong with a query string, fault by fault."""

    def __init__(self) -> None:
        self._errors: list[FieldError] = []

    def add(self, name: str, detail: str) -> None:
        """Note a fault of the parameter with this name."""
        self._errors.append(FieldError(pointer=f"query/{name}", detail=detail))

    def add_unknown(self) -> None:
        """Note that there are parameters that nobody knows; their names are not repeated."""
        detail = "There is a query parameter that is not known here."
        self._errors.append(FieldError(pointer="query", detail=detail))

    def read(self, name: str, adapter: TypeAdapter[Any], text: str) -> Any:
        """The value that a parameter's text stands for; None, and the fault noted, if none."""
        try:
            return adapter.validate_python(text)
        except ValidationError as error:
            for fault in error.errors(include_url=False, include_context=False):
                pointer = "/".join(map(str, (name, *fault["loc"])))
                self.add(pointer, fault["msg"].removeprefix("Value error, "))
            return None

    def raise_if_any(self) -> None:
        """End the request if there is a fault.

        Raises:
            Unprocessable: there is one.
        """
        if self._errors:
            raise InvalidRequest(self._errors)


def parameters_of(query_string: bytes) -> dict[str, str]:
    """The parameters of a raw query string, by name.

    Raises:
        Unprocessable: one is there twice.
    """
    sent: dict[str, str] = {}
    for part in query_string.decode("latin-1").split("&"):
        if not part:
            continue
        name, _, value = part.partition("=")
        if "%" in part or "+" in part:
            name, value = unquote_plus(name), unquote_plus(value)
        if name in sent:
            raise Unprocessable("query", "There is a query parameter more than once.")
        sent[name] = value
    return sent
