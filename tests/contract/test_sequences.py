"""Whatever is sent in whatever order, both forms agree at every step."""

import json
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from backend.core.operations import Browse, Change, Create
from tests.contract.forms import Caller, Declared, Forms
from tests.contract.values import bodies
from tests.contract.wire import Answer

STEPS = 40
_CONDITIONS = ("if-match", "if-none-match")


class Wanderer:
    """A few users who send what they like."""

    def __init__(self, forms: Forms, draw: Any) -> None:
        forms.forget_users()
        self.callers: list[Caller] = [forms.newcomer(name) for name in ("ann", "bob")]
        self.declared = forms.declared()
        self.ids: dict[str, list[str]] = {}
        self.tags = ["*", '"x"']
        self.ordinary: list[Answer] = []
        self._draw = draw

    def step(self) -> None:
        """Send one request, and learn from its answer."""
        one: Declared = self._draw(st.sampled_from(self.declared))
        known = self.ids.setdefault(one.path.split("/")[1], [])
        row_id = self._draw(st.sampled_from([*known, "00000000-0000-7000-8000-000000000000"]))
        method = self._draw(st.sampled_from([one.method, one.method, one.method, "HEAD"]))
        if method == "HEAD" and one.method != "GET":
            method = one.method
        headers, query = self._headers(), self._query(one)
        body = self._body(one)
        sender: Caller = self._draw(st.sampled_from(self.callers))
        answer = sender.send(method, one.path_of(row_id), body, headers, query)
        assert answer.status < 500, answer
        self._learn(one, answer, known)
        # An unconditional creation or a reading of one row is the lane's, if it succeeds.
        is_plain = one.expressible and not headers and answer.status in (200, 201)
        if is_plain and not isinstance(one.operation, Browse | Change):
            assert answer.by_lane, (one, answer)
            self.ordinary.append(answer)

    def _headers(self) -> list[tuple[bytes, bytes]]:
        if self._draw(st.integers(0, 3)):
            return []
        name = self._draw(st.sampled_from(_CONDITIONS))
        tags = self._draw(st.lists(st.sampled_from(self.tags), min_size=1, max_size=2))
        return [(name.encode(), ", ".join(tags).encode())]

    def _query(self, one: Declared) -> str:
        if not isinstance(one.operation, Browse):
            return ""
        names = [each["name"] for each in one.operation.parameters.openapi_parameters()]
        parts = {
            name: self._draw(st.sampled_from(["1", "true", "id", "", "2026-01-01", "created_at"]))
            for name in self._draw(st.lists(st.sampled_from(names), max_size=2))
        }
        return "&".join(f"{name}={value}" for name, value in parts.items())

    def _body(self, one: Declared) -> bytes | None:
        operation = one.operation
        if not isinstance(operation, Create | Change):
            return None
        schema = operation.data if isinstance(operation, Create) else operation.changes
        known = {"cabinet_id": cabinets[-1]} if (cabinets := self.ids.get("cabinets")) else {}
        mentioned = {name: known[name] for name in known if name in schema.model_fields}
        return json.dumps(self._draw(bodies(schema, mentioned))).encode()

    def _learn(self, one: Declared, answer: Answer, known: list[str]) -> None:
        if answer.status == 201 and isinstance(one.operation, Create):
            known.append(json.loads(answer.body)["id"])
        self.tags += [value.decode() for name, value in answer.headers if name == b"etag"]


def test_sequences(forms: Forms) -> None:
    ordinary = 0

    @settings(
        max_examples=6,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def any_sequence(data: st.DataObject) -> None:
        nonlocal ordinary
        wanderer = Wanderer(forms, data.draw)
        for _ in range(STEPS):
            wanderer.step()
        forms.assert_equal_rows()
        ordinary += len(wanderer.ordinary)

    any_sequence()
    assert ordinary >= STEPS // 4
