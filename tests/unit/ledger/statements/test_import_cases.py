"""The import cases of the examples: what is new in a file, by ids, hashes and occurrences."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from backend.ledger.statements.identity import Occurrences, row_hash
from tests.unit.ledger.statements.files import read

_EXAMPLES = Path(__file__).parents[3] / "data" / "portfolio_examples.json"
CASES: list[dict[str, Any]] = json.loads(_EXAMPLES.read_text())["import_cases"]

# Its rows say a price that does not make their amount, which is invalid in our own layout and
# left out in Coinbase's: `test_programs.test_coinbase` has both of its rows.
_OF_COINBASE = "imp-coinbase-same-id"


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


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=case["id"]) for case in CASES if case["id"] != _OF_COINBASE],
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
