"""What `jedgebot portfolio import` says: what became of the file, or why nothing did."""

import shlex
from collections.abc import Iterator

from backend.core.errors import Problem
from backend.transactions.import_schemas import ImportedRow, ImportReport
from backend.transactions.services.imports import UnusableFile
from backend.transactions.services.timeline import ImpossibleTimeline, Oversold
from jedgebot import console
from jedgebot.errors import Failure

MOST_LINES = 100
"""Rows that are named in text; a document has all that the report names."""


def show(report: ImportReport, user: str, portfolio: str, *, is_kept: bool) -> None:
    """Print what became of the file, or would have."""
    undo = None
    if report.import_id is not None:
        options = f"--user {shlex.quote(user)} --portfolio {shlex.quote(portfolio)}"
        undo = f"jedgebot portfolio undo {report.import_id} {options}"
    console.add_to_document({**report.model_dump(mode="json"), "undo": undo})
    for line in _notable_rows(report):
        console.out(line)
    verb = "Read" if is_kept else "Tried"
    console.out(f"{verb} a file of the profile {report.profile} into {portfolio}:")
    for count, name in _counts(report):
        console.out(f"  {count:>9,}  {name}")
    if undo is not None:
        console.out(f"Import {report.import_id}; to undo it:\n  {undo}")
    elif not is_kept or not report.created:
        console.out("Nothing was stored.")


def refused(report: ImportReport) -> int:
    """How many rows cannot be taken."""
    return report.invalid + report.conflicts


def incomplete(report: ImportReport) -> Failure:
    """Why nothing was stored of a file that has such rows."""
    bad = refused(report)
    hint = "Correct the file."
    if report.created:
        hint = f"Correct the file, or import the other {report.created:,} with --partial."
    return Failure(f"{bad:,} {'row' if bad == 1 else 'rows'} cannot be imported.", hint)


def unreadable(error: UnusableFile) -> Failure:
    """Why a file cannot be imported at all."""
    return Failure(
        f"{_where(error)}{error.reason}.",
        "Nothing was stored. docs/import.md has the layouts; --profile and --currency say what a "
        "file does not.",
    )


def impossible(error: ImpossibleTimeline, hint: str) -> Failure:
    """Why nothing is done after which units would be missing, or splits go too far."""
    members = error.members
    where = _where(error)
    if members["transaction_id"] is not None:
        where = f"transaction {members['transaction_id']}: "
    where += f"on {members['date']} "
    if not isinstance(error, Oversold):
        return Failure(
            f"{where}the splits of {members['symbol']}, one after the other, would make too many "
            "units of one, or one of too many.",
            hint,
        )
    return Failure(
        f"{where}{members['requested']} {members['symbol']} in {members['currency']} would leave, "
        f"and there are {members['available']}.",
        hint,
    )


def _where(error: Problem) -> str:
    line = error.members.get("line")
    return "" if line is None else f"line {line}: "


def _notable_rows(report: ImportReport) -> Iterator[str]:
    rows = [row for row in report.items if row.status in ("invalid", "conflict")]
    rows += [row for row in report.items if row.status == "possible_duplicate"]
    for row in rows[:MOST_LINES]:
        yield _in_words(row)
    unnamed = report.invalid + report.conflicts + report.possible_duplicates - MOST_LINES
    if unnamed > 0:
        yield f"... and {unnamed:,} more rows; --json names 10,000 of each kind."


def _in_words(row: ImportedRow) -> str:
    reason = f"{row.field} {row.reason}" if row.field else row.reason
    return f"line {row.line}: {row.status.replace('_', ' ')}: {reason}"


def _counts(report: ImportReport) -> Iterator[tuple[int, str]]:
    new = report.created - report.possible_duplicates
    yield new, "new"
    if report.possible_duplicates:
        yield report.possible_duplicates, "new, and the same as another row: possible duplicates"
    yield report.duplicates, "there already"
    if report.conflicts:
        yield report.conflicts, "in conflict with a row that is there"
    if report.invalid:
        yield report.invalid, "invalid"
    for reason, count in report.skipped.items():
        yield count, f"passed over: {reason}"
