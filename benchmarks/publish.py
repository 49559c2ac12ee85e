"""Puts what was measured into `docs/performance.md`, between its markers."""

import re
from pathlib import Path
from typing import Literal

Section = Literal[
    "acceptance", "modules", "portfolios", "portfolios-sqlite", "postgresql", "sqlite"
]

_DOCS = Path(__file__).resolve().parents[1] / "docs"


def publish(section: Section, text: str, chart: str = "") -> None:
    """Replace a section of the page, and its chart if it has one.

    Raises:
        LookupError: the page has no markers of this section.
    """
    page = _DOCS / "performance.md"
    if chart:
        text = f"![Server CPU per request](performance.svg)\n\n{text}"
    start, end = f"<!-- {section} -->\n", f"<!-- end of {section} -->"
    old = page.read_text()
    new, found = re.subn(
        f"{start}.*?{end}", lambda _: f"{start}\n{text.strip()}\n\n{end}", old, flags=re.DOTALL
    )
    if not found:
        raise LookupError(f"docs/performance.md has no {start.strip()} … {end}")
    page.write_text(new)
    if chart:
        (_DOCS / "performance.svg").write_text(chart)
