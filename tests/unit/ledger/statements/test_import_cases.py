"""The import cases of the examples: what is new in a file, by ids, hashes and occurrences."""

import csv
import io
from typing import Any

import pytest

from backend.ledger.statements.identity import Occurrences, row_hash
from backend.ledger.statements.outcomes import ReadRow
from tests.unit.ledger.examples import EXAMPLES
from tests.unit.ledger.statements.files import opened, read

CASES = EXAMPLES["import_cases"]


def in_our_layout(rows: list[dict[str, str]], **columns: str) -> bytes:
    names = sorted({"currency"}.union(columns, *rows))
    text = io.StringIO()
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows({"currency": "USD"} | row | columns for row in rows)
    return text.getvalue().encode()


def new_rows(stored: set[tuple[str, int]], data: bytes) -> int:
    """How many rows of a file are not stored; they are after it."""
    seen = Occurrences()
    keys = [(found := row_hash(row.values), seen.number(found)) for row in read(data, "generic")]
    before = len(stored)
    stored.update(keys)
    return len(stored) - before


_SAME_ID = "imp-coinbase-same-id"


def is_by_content(case: dict[str, Any]) -> bool:
    """Ids are looked at where rows are stored."""
    with_ids = any("external_id" in row for row in case["rows"])
    return not with_ids and not case["expected_first_import"].get("invalid")


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=case["id"]) for case in CASES if is_by_content(case)]
)
def test_a_file_creates_all_its_rows_once(case: dict[str, Any]) -> None:
    stored: set[tuple[str, int]] = set()
    first = in_our_layout(case["rows"])
    assert new_rows(stored, first) == case["expected_first_import"]["created"]
    # Free text is not part of what a row is.
    again = in_our_layout(case["rows"], note="another note")
    assert new_rows(stored, again) == case["expected_second_import"]["created"] == 0


def test_a_file_and_then_more_of_it_is_the_same_as_all_at_once() -> None:
    (rows,) = (case["rows"] for case in CASES if case["id"] == "imp-wf-1035")
    stored: set[tuple[str, int]] = set()
    counts = [new_rows(stored, in_our_layout(rows[:cut])) for cut in (3, 6, 8)]
    assert counts == [3, 3, 2]
    assert len({hashed for hashed, _ in stored}) == 5


def test_a_price_that_leaves_a_spread_out_gives_way_to_the_amount() -> None:
    (case,) = (case for case in CASES if case["id"] == _SAME_ID)
    rows = list(read(in_our_layout(case["rows"]), "generic"))
    assert [row.values.currency for row in rows] == ["EUR", "USD"]
    assert {(row.values.price, str(row.values.net_amount)) for row in rows} == {(None, "-70.00")}


@pytest.mark.parametrize(("net", "kept"), [("-101.01", True), ("-101.02", False)])
def test_a_spread_has_a_limit(net: str, kept: bool) -> None:
    row = {"type": "buy", "date": "2026-01-02", "symbol": "A", "quantity": "1", "price": "100.00"}
    (found,) = opened(in_our_layout([row | {"net_amount": net}]), "generic")
    assert isinstance(found, ReadRow) == kept
