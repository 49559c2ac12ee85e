"""The findings of checks as text that a person reads, and as a JSON document."""

import json
from collections.abc import Iterator, Sequence
from textwrap import wrap

from jedgebot.checks import BOXES, RULES, Finding
from jedgebot.repairs.repair import Outcome, Repair, Unrepaired

WIDTH = 80
_TITLES = {box.id: box.title for box in BOXES} | {rule.id: rule.title for rule in RULES}
OPEN = "  [ ]"
_CLOSED = "  [x]"
_INDENT = len(OPEN) + 1
_COLUMN = max(len(box.title) for box in BOXES) + 1


def boxes_report(findings: Sequence[Finding]) -> Iterator[str]:
    """The lines about one module's boxes: what proves each, and what mends an open one."""
    for finding in findings:
        lines = [*_filled(finding.evidence, _INDENT + _COLUMN), *_hint(finding, _INDENT + _COLUMN)]
        title = f"{_mark(finding)} {_TITLES[finding.check]:{_COLUMN}}"
        yield title + lines[0].lstrip() if lines else title.rstrip()
        yield from lines[1:]


def rules_report(findings: Sequence[Finding]) -> Iterator[str]:
    """The lines about the house rules."""
    for finding in findings:
        yield f"{_mark(finding)} {_TITLES[finding.check]}"
        if not finding.passed:
            yield from _filled(finding.evidence, _INDENT)
            yield from _hint(finding, _INDENT)


def summary(findings: Sequence[Finding]) -> str:
    """How many are open, in one line."""
    tables = {finding.table for finding in findings if finding.table is not None}
    open_ones = sum(not finding.passed for finding in findings)
    modules = "1 module" if len(tables) == 1 else f"{len(tables)} modules"
    return f"{modules}, {len(findings)} checks: {open_ones or 'none'} open"


def repairs_report(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The lines about what was put right, and what could not be."""
    repairs = [one.what for one in outcomes if isinstance(one, Repair)]
    left = [one for one in outcomes if isinstance(one, Unrepaired)]
    if repairs:
        yield "Put right"
        yield from _filled(repairs, _INDENT)
    if left:
        yield "Not put right"
    for one in left:
        yield from _filled((one.what,), _INDENT)
        yield from _filled((f"hint: {one.hint}",), _INDENT)
    if outcomes:
        yield ""


def document(findings: Sequence[Finding], outcomes: Sequence[Outcome] | None = None) -> str:
    """All findings as JSON; with outcomes also what was put right, and what could not be."""
    repairs: dict[str, list[object]] = {}
    if outcomes is not None:
        repairs["repaired"] = [one.what for one in outcomes if isinstance(one, Repair)]
        repairs["unrepaired"] = [
            {"what": one.what, "hint": one.hint} for one in outcomes if isinstance(one, Unrepaired)
        ]
    return json.dumps(
        {
            "passed": all(finding.passed for finding in findings),
            **repairs,
            "findings": [
                {
                    "check": finding.check,
                    "title": _TITLES[finding.check],
                    "table": finding.table,
                    "passed": finding.passed,
                    "evidence": list(finding.evidence),
                    "hint": finding.hint,
                }
                for finding in findings
            ],
        },
        indent=2,
        ensure_ascii=False,
    )


def findings_in(text: str) -> list[Finding]:
    """The findings of a document.

    Raises:
        ValueError: the text is none.
    """
    document = json.loads(text)
    return [
        Finding(one["check"], one["table"], one["passed"], tuple(one["evidence"]), one["hint"])
        for one in document["findings"]
    ]


def _mark(finding: Finding) -> str:
    return _CLOSED if finding.passed else OPEN


def _hint(finding: Finding, indent: int) -> list[str]:
    return _filled((f"hint: {finding.hint}",), indent) if finding.hint else []


def _filled(texts: Sequence[str], indent: int) -> list[str]:
    margin = " " * indent
    return [
        line
        for text in texts
        for line in wrap(
            text,
            WIDTH,
            initial_indent=margin,
            subsequent_indent=f"{margin}  ",
            # A path or a command is to be copied whole.
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]
