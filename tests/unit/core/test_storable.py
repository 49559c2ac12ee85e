"""What no request may carry, however it is nested."""

import json
from typing import Any

import pytest
from pydantic import SecretStr

from backend.core.schemas import MAXIMUM_DEPTH, MAXIMUM_NODES, require_storable
from backend.core.settings import Settings
from tests.clients import Client


def nested(levels: int, innermost: Any = 1) -> Any:
    """A value below so many lists and objects in turn."""
    value = innermost
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


def test_a_document_may_be_nested_to_a_limit() -> None:
    require_storable(nested(MAXIMUM_DEPTH))
    with pytest.raises(ValueError, match="nested deeper than 64 levels"):
        require_storable(nested(MAXIMUM_DEPTH + 1))


def test_a_document_may_have_a_number_of_values() -> None:
    require_storable([1] * (MAXIMUM_NODES - 1))
    for large in ([1] * MAXIMUM_NODES, {str(number): 1 for number in range(MAXIMUM_NODES // 2)}):
        with pytest.raises(ValueError, match="more than 10000"):
            require_storable(large)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("a\x00b", "NUL"),
        ("\ud800", "surrogate"),
        ("x\udfff", "surrogate"),
        (float("inf"), "not finite"),
        (float("nan"), "not finite"),
    ],
)
def test_what_is_refused_is_found_anywhere(value: Any, reason: str) -> None:
    for document in (value, nested(MAXIMUM_DEPTH, value), [1, {"a": [value]}]):
        with pytest.raises(ValueError, match=reason):
            require_storable(document)


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
def test_names_are_looked_at_too(text: str) -> None:
    with pytest.raises(ValueError, match="a text has"):
        require_storable([{text: 1}])


@pytest.fixture(params=[True, False], ids=["lane", "plain"])
def settings(request: pytest.FixtureRequest, database_url: str) -> Settings:
    return Settings(
        database_url=database_url,
        secret_key=SecretStr("a key of the tests, with more than 32 bytes"),
        log_level="error",
        lane=request.param,
    )


@pytest.mark.parametrize("levels", [MAXIMUM_DEPTH + 1, 5_000, 200_000])
def test_deep_bodies_are_refused_and_not_a_failure(alice: Client, levels: int) -> None:
    for body in ("[" * levels + "]" * levels, '{"a":' * levels + "1" + "}" * levels):
        for content in (body, f'{{"bio": {body}}}'):
            answer = alice.post(
                "/users/profile", content=content, headers={"Content-Type": "application/json"}
            )
            assert answer.status_code in {400, 413, 422}, answer.text
            assert answer.headers["content-type"] == "application/problem+json"


def test_a_deep_body_is_refused_for_its_depth(alice: Client) -> None:
    body = json.dumps({"bio": nested(MAXIMUM_DEPTH)})
    answer = alice.post(
        "/users/profile", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert "nested deeper" in answer.text
