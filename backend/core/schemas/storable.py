"""What no database stores, and no request may hold."""

import json
import math
from decimal import Decimal, InvalidOperation
from typing import Any

MAXIMUM_DEPTH = 64
MAXIMUM_NODES = 10_000


class _Rounded(float):
    """A number that was written with more than a float holds."""


def read_document(body: bytes) -> Any:
    """What a JSON text says; `require_storable` finds in it the numbers that a float rounds.

    Raises:
        ValueError: it is no JSON.
    """
    return json.loads(body, parse_float=_float)


def require_storable(data: Any) -> None:
    """Refuse NUL characters, lone surrogates, deep and large documents, and some numbers.

    These are infinite, or those of `read_document` that a float holds only rounded.
    """
    waiting: list[tuple[Any, int]] = [(data, 0)]
    nodes = 0
    while waiting:
        value, depth = waiting.pop()
        nodes += 1
        if nodes + len(waiting) > MAXIMUM_NODES:
            raise ValueError(f"more than {MAXIMUM_NODES} names and values")
        if depth > MAXIMUM_DEPTH:
            raise ValueError(f"nested deeper than {MAXIMUM_DEPTH} levels")
        if isinstance(value, str):
            _require_storable_text(value)
        elif isinstance(value, float):
            _require_storable_number(value)
        elif isinstance(value, dict):
            for key, inner in value.items():
                waiting += [(key, depth + 1), (inner, depth + 1)]
        elif isinstance(value, list):
            waiting += [(inner, depth + 1) for inner in value]


def is_plainly_storable(body: bytes) -> bool:
    """Whether `require_storable` cannot refuse what a JSON text says; much cheaper than asking it.

    Without escapes by number a JSON text has neither NUL characters nor halves of surrogate
    pairs. It may still have a number too large to be finite, which no column of a number takes.
    """
    return (
        len(body) <= MAXIMUM_NODES
        and b"\\u" not in body
        and body.count(b"{") + body.count(b"[") <= MAXIMUM_DEPTH
    )


def _float(text: str) -> float:
    number = float(text)
    try:
        is_kept = Decimal(text) == Decimal(repr(number))
    except InvalidOperation:  # its exponent is beyond every number's
        is_kept = False
    return number if is_kept else _Rounded(number)


def _require_storable_number(number: float) -> None:
    if not math.isfinite(number):
        raise ValueError("a number is not finite")
    if isinstance(number, _Rounded):
        raise ValueError("a number would be rounded; send it as a string")  # noqa: TRY004 - a fault of the value


def _require_storable_text(text: str) -> None:
    if "\x00" in text:
        raise ValueError("a text has a NUL character")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("a text has half of a surrogate pair")
