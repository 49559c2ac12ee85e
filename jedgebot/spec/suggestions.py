"""The word that was probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str | None:
    """A question after the known word that is most like another; None if none is like it.

    Capitals are not looked at.
    """
    words = {one.lower(): one for one in known}
    matches = get_close_matches(word.lower(), list(words), n=1)
    return f'Did you mean "{words[matches[0]]}"?' if matches else None


def nearest_or_all(word: str, known: Iterable[str], what: str) -> str:
    """A question after the known word that is most like another, else a sentence with them all.

    Args:
        word: what was written.
        known: what could have been.
        what: how the sentence begins, such as "The flags are".
    """
    listed = list(known)
    return nearest(word, listed) or f"{what}: {', '.join(listed)}."
