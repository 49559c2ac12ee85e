"""JSON that rows hold is answered as it was sent, or refused."""

import json
from decimal import Decimal

import pytest

from tests.contract.forms import Caller
from tests.contract.test_rows import created

ROUNDED = [
    *("12345678901234567890123456789.123456789", "0.10000000000000000001", "123456789.123456789"),
    *("1e400", "1e-400", "1e99999999999999999999"),
]
KEPT = [
    *("0.1", "0.30000000000000004", "1.50", "-0.0", "1.5e-7", "12345678.12345678"),
    *("123456789012345678901234567890", "-9223372036854775809"),
]


@pytest.mark.parametrize("number", ROUNDED)
def test_no_number_of_a_document_is_rounded(caller: Caller, number: str) -> None:
    path = f"/cabinets/{created(caller, '/cabinets', name='a')['id']}"
    for label in (number, f"[-{number}]", f'{{"a": [1, {number}]}}'):
        for method, where in (("POST", "/cabinets"), ("PATCH", path)):
            answer = caller.send(method, where, f'{{"name": "b", "label": {label}}}'.encode())
            assert answer.status == 422
            assert ("would be rounded" in str(answer.body)) or "not finite" in str(answer.body)
    assert caller.send("PATCH", path, f'{{"label": "{number}"}}'.encode()).status == 200


@pytest.mark.parametrize("number", KEPT)
def test_numbers_of_a_document_are_answered_as_they_were(caller: Caller, number: str) -> None:
    new = caller.send("POST", "/cabinets", f'{{"name": "a", "label": {{"n": {number}}}}}'.encode())
    assert new.status == 201
    row = caller.send("GET", f"/cabinets/{json.loads(new.body)['id']}")
    for answer in (new, row):
        assert json.loads(answer.body, parse_float=Decimal)["label"]["n"] == Decimal(number)
