"""Which requests are logged."""

import asyncio
import logging
from typing import Any

import pytest
from starlette.types import ASGIApp

from backend.core import admission
from backend.core.logs import configure_logs
from tests.unit.core.admissions import Gate, admitted, an_answer, ask, held


@pytest.fixture(autouse=True)
def _swift_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "SWEEP_SECONDS", 0.02)


class TestLog:
    """Which requests are logged."""

    @pytest.fixture(autouse=True)
    def _logs(self) -> None:
        configure_logs("info")

    @staticmethod
    def logged(caplog: pytest.LogCaptureFixture, app: ASGIApp, count: int) -> list[dict[str, Any]]:
        async def all_at_once() -> None:
            await asyncio.gather(*(ask(app) for _ in range(count)))

        with caplog.at_level(logging.INFO):
            asyncio.run(all_at_once())
        events = [record.msg for record in caplog.records]
        return [event for event in events if isinstance(event, dict)]

    @pytest.mark.parametrize(
        ("share", "least", "most"), [(0, 0, 0), (1, 400, 400), (0.5, 120, 280)]
    )
    def test_a_share_is_logged(
        self, caplog: pytest.LogCaptureFixture, share: float, least: int, most: int
    ) -> None:
        app = admitted(an_answer(), log_requests=share, max_concurrent_requests=1000)
        assert least <= len(self.logged(caplog, app, 400)) <= most

    def test_a_failure_is_always_logged(self, caplog: pytest.LogCaptureFixture) -> None:
        [event] = self.logged(caplog, admitted(an_answer(503), log_requests=0), 1)
        assert event["event"] == "request"
        assert (event["method"], event["path"], event["status"]) == ("POST", "/x", 503)
        assert event["milliseconds"] >= 0
        assert event["request_id"]

    def test_an_exception_is_logged_with_its_request_and_told_to_nobody(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def fail(*_: object) -> None:
            raise RuntimeError("secret")

        app = admitted(fail, log_requests=0)
        failure, request = self.logged(caplog, app, 1)
        assert failure["event"] == "request failed"
        assert failure["request_id"] == request["request_id"]
        assert request["status"] == 500
        assert b"secret" not in asyncio.run(ask(app))[2]

    def test_refusals_are_counted_in_one_line(self, caplog: pytest.LogCaptureFixture) -> None:
        async def overload() -> None:
            gate = Gate()
            app = admitted(gate, max_concurrent_requests=1, log_requests=1)
            async with held(app, gate, 1):
                for _ in range(5):
                    assert (await ask(app))[0] == 503
                await asyncio.sleep(0.05)

        with caplog.at_level(logging.INFO):
            asyncio.run(overload())
        events = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
        [refusals] = [event for event in events if event["event"] == "requests refused"]
        assert refusals["count"] == 5
        assert "request_id" not in refusals
        assert len(events) == 2
