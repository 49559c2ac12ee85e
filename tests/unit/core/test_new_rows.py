"""What a new row is given that its client does not say, in both forms."""

from collections.abc import Awaitable, Sequence
from uuid import UUID

import pytest
from sqlalchemy import ColumnDefault

from backend.core.lane.executor import CountedExecutor, Row, Statement, Values
from backend.portfolios.models import Portfolio
from tests.clients import Client

PATH = "/portfolios"


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "in-the-plain-form"}])
def test_until_it_is_changed_it_was_changed_when_it_was_created(
    alice: Client, headers: dict[str, str]
) -> None:
    body = {"name": "Mine", "base_currency": "USD"}
    created = alice.post(PATH, json=body, headers=headers).json()
    assert created["updated_at"] == created["created_at"]
    changed = alice.patch(f"{PATH}/{created['id']}", json={"name": "Yours"}).json()
    assert changed["updated_at"] > changed["created_at"] == created["created_at"]


def test_it_is_its_sender_s_whoever_is_named_by_a_default(
    alice: Client, bob: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = UUID(bob.get("/users/me").json()["id"])
    monkeypatch.setattr(Portfolio.__table__.c.user_id, "default", ColumnDefault(lambda: other))
    created = alice.post(PATH, json={"name": "Mine", "base_currency": "USD"})
    assert created.status_code == 201
    assert alice.get(created.headers["location"]).status_code == 200


def test_reads_of_one_row_and_inserts_are_small(
    alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    small: list[bool] = []
    fetch = CountedExecutor.fetch

    def noting(
        self: CountedExecutor, statement: Statement, values: Values
    ) -> Awaitable[Sequence[Row]]:
        small.append(statement.is_small)
        return fetch(self, statement, values)

    monkeypatch.setattr(CountedExecutor, "fetch", noting)
    created = alice.post(PATH, json={"name": "Mine", "base_currency": "USD"})
    alice.get(created.headers["location"])
    alice.get(PATH)
    alice.patch(created.headers["location"], json={"name": "Yours"})
    assert small == [True, True, False, False]
