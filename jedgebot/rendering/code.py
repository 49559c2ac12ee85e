"""Pieces of Python: expressions with the imports they need, literals, import blocks."""

import json
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from pydantic import JsonValue

from jedgebot.spec.values import Value

Imports = frozenset[tuple[str, str]]
"""Pairs of a module and a name in it."""

_FIRST_PARTY = ("backend", "tests")


@dataclass(frozen=True)
class Code:
    """An expression, and the imports it needs."""

    text: str
    imports: Imports = frozenset()

    def __str__(self) -> str:
        return self.text


def code(text: str, *imports: tuple[str, str]) -> Code:
    """An expression that needs these names."""
    return Code(text, frozenset(imports))


def joined(parts: Iterable[Code], separator: str = ", ") -> Code:
    """Several expressions with a separator between them."""
    parts = list(parts)
    return Code(
        separator.join(part.text for part in parts),
        frozenset().union(*(part.imports for part in parts)),
    )


def call(name: Code, *arguments: Code) -> Code:
    """A call, or with no name a parenthesis."""
    inner = joined(arguments)
    return Code(f"{name.text}({inner.text})", name.imports | inner.imports)


def literal(value: Value | None) -> Code:
    """A value as Python source writes it."""
    match value:
        case str():
            return code(quoted(value))
        case Decimal():
            text = f"{value:f}"
            return code(f"Decimal({quoted(text) if '.' in text else text})", ("decimal", "Decimal"))
        case datetime() | date() | time():
            return _moment(value)
        case UUID():
            return code(f'UUID("{value}")', ("uuid", "UUID"))
        case _:
            return code(repr(value))


def _moment(value: date | time) -> Code:
    match value:
        case datetime():
            day, clock = [value.year, value.month, value.day], value.time()
            parts = map(str, [*day, *_clock(clock, least=0)])
            text = f"datetime({', '.join(parts)}, tzinfo=UTC)"
            return code(text, ("datetime", "UTC"), ("datetime", "datetime"))
        case date():
            return code(f"date({value.year}, {value.month}, {value.day})", ("datetime", "date"))
    return code(f"time({', '.join(map(str, _clock(value, least=1)))})", ("datetime", "time"))


def _clock(value: time, *, least: int) -> list[int]:
    """The arguments for a time of day, without zeros at the end."""
    parts = [value.hour, value.minute, value.second, value.microsecond]
    while len(parts) > least and parts[-1] == 0:
        parts.pop()
    return parts


def literal_of(value: JsonValue) -> Code:
    """A JSON value as Python source writes it."""
    match value:
        case str() if len(value) > 1 and len(set(value)) == 1:
            return code(f"{quoted(value[0])} * {len(value):_}")
        case str():
            return code(quoted(value))
        case list():
            return code(f"[{', '.join(literal_of(item).text for item in value)}]")
        case dict():
            items = (f"{quoted(name)}: {literal_of(item)}" for name, item in value.items())
            return code(f"{{{', '.join(items)}}}")
        case _:
            return code(repr(value))


def tuple_of(texts: Iterable[str]) -> str:
    """Texts as a tuple of literals."""
    items = [quoted(text) for text in texts]
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def quoted(text: str) -> str:
    """A text in double quotes, as the formatter writes it."""
    return json.dumps(text)


def import_block(imports: Iterable[tuple[str, str]]) -> str:
    """The import lines of a file, grouped and sorted as the linter wants them."""
    names: dict[str, set[str]] = {}
    for module, name in imports:
        names.setdefault(module, set()).add(name)
    groups: dict[int, list[str]] = {}
    for module in sorted(names, key=_natural):
        line = f"from {module} import {', '.join(sorted(names[module], key=_member_order))}"
        groups.setdefault(_group(module), []).append(line)
    return "\n\n".join("\n".join(groups[group]) for group in sorted(groups))


def _group(module: str) -> int:
    package = module.partition(".")[0]
    if package in sys.stdlib_module_names:
        return 0
    return 2 if package in _FIRST_PARTY else 1


def _member_order(name: str) -> tuple[bool, bool, list[tuple[int, int, str]]]:
    """Constants, then classes, then the rest."""
    is_constant = name.isupper() and len(name) > 1
    return not is_constant, not name[0].isupper(), _natural(name)


def _natural(name: str) -> list[tuple[int, int, str]]:
    """A key by which x2 comes before x10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", name.lower())
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]
