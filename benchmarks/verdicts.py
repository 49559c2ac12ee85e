"""What was promised beside what was found."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """One promise; `reached` is None if nothing was promised or nothing was measured."""

    what: str
    promised: str
    found: str
    reached: bool | None


def at_most(what: str, limit: float, found: float) -> Verdict:
    """The verdict of a figure that may not be more than a limit."""
    return Verdict(what, f"at most {limit:g}", f"{found:.2f}", found <= limit)


def table(heading: str, verdicts: Iterable[Verdict]) -> str:
    """Verdicts as a table in Markdown."""
    lines = [f"| {heading} | promised | found | |", "|---|---:|---:|---|"]
    for verdict in verdicts:
        state = {
            True: "reached",
            False: "**missed**",
            None: "" if verdict.found else "not measured",
        }
        lines.append(
            f"| {verdict.what} | {verdict.promised} | {verdict.found} | {state[verdict.reached]} |"
        )
    return "\n".join(lines)
