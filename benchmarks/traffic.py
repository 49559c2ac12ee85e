"""The three kinds of request, as the load generator sends them."""

import json
from http.client import HTTPConnection
from itertools import islice
from typing import Any, Literal
from urllib.parse import quote
from uuid import uuid4

from benchmarks.contenders import Contender
from benchmarks.dataset import Dataset, Owner
from benchmarks.load import PLACEHOLDER

Scenario = Literal["GET one", "page of 50", "POST"]
SCENARIOS: tuple[Scenario, ...] = ("GET one", "page of 50", "POST")
EXPECTED_STATUS: dict[Scenario, str] = {"GET one": "200", "page of 50": "200", "POST": "201"}

_FILLS_OF_EACH_OWNER = 20
_OWNERS_WITH_PAGES = 100


class Client:
    """Sends single requests, for checks and for cursors."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=30)

    def send(self, method: str, path: str, token: str = "", body: object = None) -> tuple[int, Any]:
        """Send a request; return the status and what the JSON of the answer says."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        content = None
        if body is not None:
            content = json.dumps(body)
            headers["Content-Type"] = "application/json"
        self._connection.request(method, path, content, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def requests_of(
    scenario: Scenario, dataset: Dataset, contender: Contender, cursors: dict[Owner, str]
) -> list[str]:
    """Whole HTTP requests of a scenario, spread over the owners."""
    path, first_page = contender.path, f"{contender.path}{contender.newest}"
    match scenario:
        case "GET one":
            return [
                _request("GET", f"{path}/{row.id}", owner)
                for number, owner in enumerate(dataset.owners)
                for row in islice(dataset.rows_of(number), _FILLS_OF_EACH_OWNER)
            ]
        case "page of 50":
            first = [_request("GET", first_page, owner) for owner in cursors]
            later = [
                _request("GET", with_cursor(first_page, cursor), owner)
                for owner, cursor in cursors.items()
            ]
            return first + later
        case "POST":
            run = uuid4().hex[:12]
            return [
                _request("POST", path, owner, json.dumps(new_fill(f"bench-{run}-{PLACEHOLDER}")))
                for owner in dataset.owners
            ]


def cursors_of(client: Client, dataset: Dataset, contender: Contender) -> dict[Owner, str]:
    """The contender's own cursors of some owners' second pages; empty if it has none."""
    cursors = {}
    for owner in dataset.owners[:_OWNERS_WITH_PAGES]:
        _, answer = client.send("GET", f"{contender.path}{contender.newest}", owner.token)
        cursors[owner] = str(answer.get("next_cursor", ""))
    return cursors


def with_cursor(first_page: str, cursor: str) -> str:
    """The path of the page after the cursor."""
    return f"{first_page}{'&' if '?' in first_page else '?'}cursor={quote(cursor)}"


def new_fill(external_ref: str) -> dict[str, str]:
    """The body of a POST."""
    return {
        "symbol": "NVDA",
        "side": "buy",
        "quantity": "12.50000000",
        "price": "187.12340000",
        "executed_at": "2026-03-04T05:06:07.890Z",
        "external_ref": external_ref,
    }


def _request(method: str, path: str, owner: Owner, body: str = "") -> str:
    content = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
        f"Authorization: Bearer {owner.token}\r\n{content}\r\n{body}"
    )
