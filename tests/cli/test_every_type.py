"""Every field type, flag and option of the grammar over HTTP, on both databases, in both forms.

SQL does not write JSON documents and bytes as the schemas do, and does not look for rows without
a foreign key, so a table that has any of them is served in the plain form. The others have every
other type, and are served on the lane.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from types import ModuleType
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from backend.user_sessions.dependencies import SESSION_OWNER
from jedgebot.checks.operations import declared_in
from jedgebot.spec import types
from jedgebot.spec.listing import filtered_by, sorted_by
from jedgebot.spec.table import TableSpec
from tests.cli.every_type import (
    EVERY_TYPE,
    ORDERS,
    QUOTES,
    RATES,
    SHARED_RATES,
    SHARED_TREES,
    TREES,
)
from tests.cli.rendered_modules import needed, rendered, run_tests, served
from tests.clients import Client, registered

ON_LANE = replace(
    EVERY_TYPE,
    fields=tuple(
        field for field in EVERY_TYPE.fields if not isinstance(field.type, types.Json | types.Bytes)
    ),
)
OF_THEIR_OWN = {"id", "created_at", "updated_at", "folder_id"}
"""Columns in which two rows differ that are made alike."""

Generated = Callable[[TableSpec], ModuleType]


@pytest.fixture
def generated(app: FastAPI) -> Iterator[Generated]:
    """Lets the application serve a table, and gives its generated tests."""
    with ExitStack() as stack:

        def serve(spec: TableSpec) -> ModuleType:
            modules = stack.enter_context(served(app, rendered(needed(spec))))
            return modules[f"tests.{spec.name}"]

        yield serve


@contextmanager
def plainly(app: FastAPI) -> Iterator[None]:
    """Carry every operation out in its plain form."""
    lane, app.state.lane = app.state.lane, None
    try:
        yield
    finally:
        app.state.lane = lane


def is_on_lane(app: FastAPI, spec: TableSpec) -> bool:
    """Whether the operations of the table run on the lane: all that answer rows, or none."""
    operations = declared_in(sys.modules[f"backend.{spec.name}.services"])
    assert operations.keys() == {"create", "browse", "get", "change", "remove"}
    del operations["remove"]
    plans = [app.state.lane.plan(one, SESSION_OWNER) for one in operations.values()]
    [answer] = {plan is not None for plan in plans}
    return answer


@pytest.mark.parametrize(
    "spec",
    [EVERY_TYPE, ORDERS, QUOTES, RATES, SHARED_RATES, TREES, SHARED_TREES],
    ids=lambda spec: spec.name,
)
def test_the_generated_tests_pass(app: FastAPI, generated: Generated, spec: TableSpec) -> None:
    assert run_tests(app, generated(spec)) > 10


def test_the_generated_tests_pass_on_the_lane(app: FastAPI, generated: Generated) -> None:
    tests = generated(ON_LANE)
    assert is_on_lane(app, ON_LANE)
    assert run_tests(app, tests) > 10


def test_a_whole_tree_goes_with_its_owner(
    app: FastAPI, generated: Generated, alice: Client
) -> None:
    trees = generated(TREES)
    row: dict[str, Any] = {"id": None}
    for number in range(1, 5):
        row = trees.create(alice, trees.body(alice, number) | {"parent_id": row["id"]})
    assert alice.delete("/users/me").status_code == 204


def test_both_forms_read_alike(app: FastAPI, generated: Generated, alice: Client) -> None:
    trades = generated(ON_LANE)
    assert is_on_lane(app, ON_LANE)
    odd: dict[str, object] = {
        "note": 'é "\\/\t\u2028\u007f\x01\U0001f600',
        "fee": "-0.00001",
        "price": "-12.50",
    }
    nulls: dict[str, object] = {field.column: None for field in ON_LANE.fields if field.nullable}
    rows = []
    for number, special in enumerate((odd, nulls, {}), 1):
        created = alice.post("/trades", json={**trades.body(alice, number), **special})
        assert created.status_code == 201, created.text
        rows.append(created.json())
    lists = ["?limit=2", *(f"?fields={name}" for name in rows[0])]
    lists += [f"?limit=2&sort={sign}{name}" for name in sorted_by(ON_LANE) for sign in ("", "-")]
    lists += [f"?{name}={rows[1][name]}" for name in filtered_by(ON_LANE)]
    paths = ["/trades", *(f"/trades/{row['id']}" for row in rows)]
    paths += [f"/trades/{rows[1]['id']}?fields={name}" for name in rows[1]]
    for path in (*paths, *(f"/trades{query}" for query in lists)):
        by_lane = comparable(alice.get(path))
        with plainly(app):
            assert comparable(alice.get(path)) == by_lane
        assert by_lane[0] == 200, path


def test_both_forms_write_alike(app: FastAPI, generated: Generated, alice: Client) -> None:
    trades = generated(ON_LANE)
    assert is_on_lane(app, ON_LANE)
    bob = registered(app)
    by_lane = trades.create(alice, trades.body(alice))
    with plainly(app):
        plain = trades.create(bob, trades.body(bob))
    assert list(by_lane) == list(plain)
    same = [name for name in by_lane if name not in OF_THEIR_OWN]
    assert {name: by_lane[name] for name in same} == {name: plain[name] for name in same}
    new = {name: value for name, value in trades.body(alice, 2).items() if name in same}
    for field in ON_LANE.fields:
        changes = {field.column: new.get(field.column)}
        if field.column not in same:
            continue
        changed = alice.patch(f"/trades/{by_lane['id']}", json=changes)
        with plainly(app):
            also = bob.patch(f"/trades/{plain['id']}", json=changes)
        assert changed.status_code == also.status_code == 200, (changed.text, also.text)
        assert {n: changed.json()[n] for n in same} == {n: also.json()[n] for n in same}


def comparable(answer: httpx2.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    """All that a client sees of an answer, but for what names the request."""
    headers = sorted((k, v) for k, v in answer.headers.items() if k != "x-request-id")
    return answer.status_code, headers, answer.content
