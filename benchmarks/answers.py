"""Whether a contender gives the right answers: whoever does less would be faster for it."""

import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from benchmarks.contenders import Contender
from benchmarks.dataset import Dataset, FillRow, Owner
from benchmarks.traffic import Client, new_fill, with_cursor

_INSTANTS = ("executed_at", "created_at", "updated_at")
_PAGE = 50


class WrongAnswer(AssertionError):
    """A contender answered something else than the others do."""


def check_answers(port: int, dataset: Dataset, contender: Contender) -> None:
    """Ask for rows, pages and a new row, and compare every byte of the normalised JSON.

    Raises:
        WrongAnswer: one differs.
    """
    client = Client(port)
    path = contender.path
    try:
        for number in (0, dataset.users // 2, dataset.users - 1):
            _check_rows(client, dataset, number, path)
            _check_pages(client, dataset, number, f"{path}{contender.newest}")
        _check_new_row(client, dataset.owners[1], path)
        _check_refusals(client, dataset, path)
    finally:
        client.close()


def normalised(fill: dict[str, Any]) -> str:
    """A fill as JSON text that is the same for the same values: keys sorted, instants in UTC."""
    instants = {
        name: datetime.fromisoformat(fill[name]).astimezone(UTC).isoformat(timespec="microseconds")
        for name in _INSTANTS
    }
    return json.dumps({**fill, **instants}, sort_keys=True)


def _expected(row: FillRow) -> str:
    values = {field.name: getattr(row, field.name) for field in fields(row)}
    del values["user_id"]
    texts = {
        name: value.isoformat() if isinstance(value, datetime) else str(value)
        for name, value in values.items()
    }
    amounts = {name: f"{values[name]:.8f}" for name in ("quantity", "price")}
    return normalised({**texts, **amounts, "version": row.version})


def _check_rows(client: Client, dataset: Dataset, number: int, path: str) -> None:
    owner = dataset.owners[number]
    for row in list(dataset.rows_of(number))[:10]:
        status, answer = client.send("GET", f"{path}/{row.id}", owner.token)
        _require(status, 200)
        _require(normalised(answer), _expected(row))


def _check_pages(client: Client, dataset: Dataset, number: int, first_page: str) -> None:
    """Walk through all pages: the newest first, each row once, no cursor at the end."""
    owner = dataset.owners[number]
    rows = sorted(dataset.rows_of(number), key=lambda row: (row.executed_at, row.id), reverse=True)
    path = first_page
    for start in range(0, len(rows), _PAGE):
        status, answer = client.send("GET", path, owner.token)
        _require(status, 200)
        _require(set(answer), {"items", "next_cursor"})
        _require(
            [normalised(item) for item in answer["items"]],
            [_expected(row) for row in rows[start : start + _PAGE]],
        )
        is_last = start + _PAGE >= len(rows)
        _require(answer["next_cursor"] is None, is_last)
        if not is_last:
            path = with_cursor(first_page, answer["next_cursor"])


def _check_new_row(client: Client, owner: Owner, path: str) -> None:
    sent: dict[str, Any] = new_fill(f"check-{uuid4()}")
    status, answer = client.send("POST", path, owner.token, sent)
    _require(status, 201)
    fill_id = UUID(answer["id"])
    created_at = datetime.fromisoformat(answer["created_at"])
    _require(abs(datetime.now(UTC) - created_at) < timedelta(minutes=1), True)
    made = {name: answer[name] for name in ("created_at", "updated_at")}
    expected = {**sent, **made, "id": str(fill_id), "version": 1}
    _require(normalised(answer), normalised(expected))
    status, stored = client.send("GET", f"{path}/{fill_id}", owner.token)
    _require(status, 200)
    _require(normalised(stored), normalised(answer))


def _check_refusals(client: Client, dataset: Dataset, path: str) -> None:
    owner, other = dataset.owners[:2]
    fill_id = next(iter(dataset.rows_of(0))).id
    for token, allowed in ((owner.token, {200}), (other.token, {404}), ("", {401, 403})):
        status, _ = client.send("GET", f"{path}/{fill_id}", token)
        _require(status in allowed, True)
    forged = f"{owner.token[:-5]}{'AAAAA' if owner.token[-5:] != 'AAAAA' else 'BBBBB'}"
    status, _ = client.send("GET", f"{path}/{fill_id}", forged)
    _require(status in {401, 403}, True)


def _require(found: object, expected: object) -> None:
    if found != expected:
        raise WrongAnswer(f"found    {str(found)[:500]}\nexpected {str(expected)[:500]}")
