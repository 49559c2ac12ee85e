"""What is said of a table for its docs page: why it is there, and what may come."""

import re
import unicodedata
from collections.abc import Sequence

from jedgebot.errors import Misuse

_LINE_ENDS = frozenset("\u2028\u2029")
_LATER = re.compile(r"[^:]*[^:\s]: +\S.*")
_LATER_HINT = 'For example --later "channel: when there is more than e-mail".'


def why_of(written: str) -> str:
    """What a table is for, in one line.

    Raises:
        Misuse: the page could not say it as it is.
    """
    why = written.strip()
    _require_one_line("--why", why)
    return why


def later_of(written: Sequence[str]) -> tuple[str, ...]:
    """Fields that may come, each with its reason.

    Raises:
        Misuse: one has no reason, or the page could not say it as it is.
    """
    later = tuple(one.strip() for one in written)
    for one in later:
        _require_one_line("--later", one)
        if not _LATER.fullmatch(one):
            raise Misuse(f'--later "{one}" is not a field and its reason.', _LATER_HINT)
    return later


def _require_one_line(option: str, text: str) -> None:
    if any(unicodedata.category(c) in ("Cc", "Cs") or c in _LINE_ENDS for c in text):
        raise Misuse(f"{option} has a control character.", "Write one line of plain text.")
    if "<!--" in text or "-->" in text:
        raise Misuse(
            f"{option} has <!-- or -->, which mark the generated part of the docs page.",
            "Leave it out.",
        )
    if text.startswith("#"):
        raise Misuse(f"{option} begins with #, as headings of the docs page do.", "Leave it out.")
