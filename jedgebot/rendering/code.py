"""Pieces of Python: expressions with the imports they need, literals, import blocks."""

import json
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

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
        case datetime():
            parts = [value.hour, value.minute, value.second, value.microsecond]
            while parts and parts[-1] == 0:
                parts.pop()
            numbers = ", ".join(map(str, [value.year, value.month, value.day, *parts]))
            return code(
                f"datetime({numbers}, tzinfo=UTC)", ("datetime", "UTC"), ("datetime", "datetime")
            )
        case date():
            return code(f"date({value.year}, {value.month}, {value.day})", ("datetime", "date"))
        case UUID():
            return code(f'UUID("{value}")', ("uuid", "UUID"))
        case _:
            return code(repr(value))


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
