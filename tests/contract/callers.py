"""Somebody who sends fills, and a fill to send."""

import json

from tests.contract.forms import Caller

PATH = "/fills"
FILL = {
    "symbol": "A",
    "side": "buy",
    "quantity": "1.5",
    "price": "-0.00000001",
    "executed_at": "2026-01-01T00:00:00Z",
    "external_ref": "1",
}
JSON = json.dumps(FILL).encode()


def created(caller: Caller, **values: object) -> tuple[str, str]:
    """The path of a new fill, and its entity tag."""
    answer = caller.send("POST", PATH, json.dumps({**FILL, **values}).encode())
    assert answer.status == 201, answer
    assert answer.by_lane
    return answer.header("location"), answer.header("etag")
