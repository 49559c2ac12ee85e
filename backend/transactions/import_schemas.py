"""What importing a file answers."""

from collections.abc import Mapping, Sequence
from typing import Literal
from uuid import UUID

from backend.core.schemas import ResponseSchema

Verdict = Literal["created", "duplicate", "possible_duplicate", "conflict", "invalid"]

MOST_ITEMS = 10_000
"""Rows of each status that a report of an import names; the counts are of all."""


class ImportedRow(ResponseSchema):
    """What became of one row.

    `possible_duplicate` was created, and says the same as another one. `line` is the first line
    of the row in the file, from 1.
    """

    line: int
    status: Verdict
    transaction_id: UUID | None = None
    field: str | None = None
    reason: str | None = None


class ImportReport(ResponseSchema):
    """What became of a file: all rows that could be created were, in one transaction.

    `created` counts possible duplicates too. `skipped` are lines that are no transactions, by
    the reason. Where nothing was kept, as with `dry_run`, or nothing was created, there is no
    `import_id`.
    """

    import_id: UUID | None
    dry_run: bool
    profile: str
    created: int
    duplicates: int
    possible_duplicates: int
    conflicts: int
    invalid: int
    skipped: Mapping[str, int]
    items: Sequence[ImportedRow]
    truncated: bool
