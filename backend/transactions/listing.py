"""What the list of a portfolio's transactions can be asked for."""

from datetime import date
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from pydantic import TypeAdapter

from backend.core.listing import ListParameters, ListRequest
from backend.core.query_strings import Faults, Included, parameters_of
from backend.core.schemas import CalendarDay
from backend.transactions.schemas import TransactionRead

_INCLUDE_VOIDED: Final = "include_voided"
_DAYS: Final = {"from": "trade_date__gte", "to": "trade_date__lte"}
_TRUTHS: TypeAdapter[bool] = TypeAdapter(bool)
_A_DAY: TypeAdapter[date] = TypeAdapter(CalendarDay)


class TransactionListRequest(NamedTuple):
    """Which page of a portfolio's transactions is wanted, and whether with void ones."""

    page: ListRequest
    include_voided: bool


class TransactionListParameters:
    """The query of the list: what `ListParameters` reads, `from`, `to` and `include_voided`."""

    def __init__(self) -> None:
        self._page = ListParameters(
            TransactionRead,
            filter_by=("type", "symbol", "trade_date", "source", "import_id"),
            sort_by=("trade_date",),
        )

    def parse(self, query_string: bytes) -> TransactionListRequest:
        """Read a raw query string.

        Raises:
            Unprocessable: it has faults; they name parameters, and repeat nothing that was sent.
        """
        sent = parameters_of(query_string)
        faults = Faults()
        include_voided = False
        if (text := sent.pop(_INCLUDE_VOIDED, None)) is not None:
            include_voided = faults.read(_INCLUDE_VOIDED, _TRUTHS, text)
        for name, filter_ in _DAYS.items():
            if (text := sent.pop(name, None)) is None:
                continue
            faults.read(name, _A_DAY, text)
            if filter_ in sent:
                faults.add(name, f"is another word for `{filter_}`, which is there too")
            sent[filter_] = text
        faults.raise_if_any()
        return TransactionListRequest(self._page.parse(urlencode(sent).encode()), include_voided)

    def included(self, parsed: TransactionListRequest) -> Included | None:
        """Which fields the page has; None for all of them."""
        return self._page.included(parsed.page)

    def documented(self, model: Any) -> Any:
        """The response model as the document describes it: of items with some fields."""
        return self._page.documented(model)

    def openapi_parameters(self) -> list[dict[str, Any]]:
        """The parameters as the OpenAPI 3.1 document describes them."""
        day = {"type": "string", "format": "date"}
        return [
            *self._page.openapi_parameters(),
            _documented("from", day, "The first `trade_date`."),
            _documented("to", day, "The last `trade_date`."),
            _documented(
                _INCLUDE_VOIDED, {"type": "boolean", "default": False}, "Whether with void ones."
            ),
        ]


def _documented(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
    }
