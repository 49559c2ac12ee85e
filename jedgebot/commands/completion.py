"""What the shell may complete: names of tables, and the words of the field grammar.

Nothing here imports the project's code, which would take longer than a key press should.
"""

import os
from collections.abc import Iterator

from jedgebot.paths import PROJECT_ROOT
from jedgebot.spec import types
from jedgebot.spec.flags import FLAGS
from jedgebot.spec.reserved import BACKEND_PACKAGES

_OF_REFERENCES = frozenset({"cascade", "restrict", "setnull", "soft"})
_WITH_ARGUMENTS = frozenset({"str", "decimal", "enum", "ref"})


def tables(incomplete: str) -> list[str]:
    """The tables whose names begin so."""
    return [name for name in _modules() if name.startswith(incomplete)]


def fields(incomplete: str) -> list[str]:
    """How a field that begins so may go on: with a type, a table, or a flag."""
    typed = _whole_field(incomplete)
    *done, last = typed.split(":")
    return [
        f"{incomplete}{word.removeprefix(last)}"
        for word in _next_words(done)
        if word.startswith(last)
    ]


def _whole_field(incomplete: str) -> str:
    """All of the field that is being typed: bash takes each colon for a word of its own."""
    words = os.environ.get("COMP_WORDS", "").split()
    before = words[: int(os.environ.get("COMP_CWORD", "0"))]
    while before and (incomplete.startswith(":") or before[-1] == ":"):
        incomplete = before.pop() + incomplete
    return incomplete


def _next_words(done: list[str]) -> Iterator[str]:
    """What may follow the parts of a field that are complete; its name is the first of them."""
    if not done:
        return
    if len(done) == 1:
        yield from (kind.keyword for kind in types.TYPES)
        yield from types.WORDS
    elif done[1] == "ref" and len(done) == len(("name", "ref")):
        yield from _modules()
    elif done[1] not in _WITH_ARGUMENTS or len(done) > len(("name", "type")) or done[1] == "str":
        given = {part.partition("=")[0] for part in done[2:]}
        for flag in (flag.removesuffix("V") for flag in FLAGS):
            is_known = flag.removesuffix("=") in given
            if not is_known and (done[1] == "ref" or flag not in _OF_REFERENCES):
                yield flag


def _modules() -> list[str]:
    folders = {path.parent.name for path in (PROJECT_ROOT / "backend").glob("*/models.py")}
    return sorted(folders - BACKEND_PACKAGES)
