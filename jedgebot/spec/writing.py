"""From a `TableSpec` back to what it is written as: fields, options, a command line, TOML."""

import json
import shlex
from collections.abc import Iterator

from jedgebot.spec import types, words
from jedgebot.spec.building import USERS
from jedgebot.spec.table import FieldSpec, TableSpec
from jedgebot.spec.values import written

_WIDTH = 78  # a line goes on behind a blank and a backslash


def written_field(field: FieldSpec) -> str:
    """A field as the grammar writes it."""
    return f"{field.name}:{definition(field)}"


def definition(field: FieldSpec) -> str:
    """The type and the flags of a field, as the grammar writes them."""
    return ":".join((field.type.written, *_flags(field)))


def arguments(spec: TableSpec) -> list[list[str]]:
    """The words behind `jedgebot table add`; those that belong together in one list."""
    return [[spec.name], *([written_field(field)] for field in spec.fields), *_options(spec)]


def command_line(spec: TableSpec) -> str:
    """The command that adds a table, in lines that the shell joins."""
    lines = ["jedgebot table add"]
    for words_ in arguments(spec):
        text = shlex.join(words_)
        if len(lines[-1]) + 1 + len(text) <= _WIDTH:
            lines[-1] += f" {text}"
        else:
            lines.append(f"  {text}")
    return " \\\n".join(lines)


def toml(spec: TableSpec) -> str:
    """The table as `jedgebot table add -f` reads it."""
    lines = [f"[tables.{spec.name}]"]
    lines += [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in settings(spec)]
    lines += ["", f"[tables.{spec.name}.fields]"]
    lines += [f'{field.name} = "{definition(field)}"' for field in spec.fields]
    return "\n".join(lines)


def document(spec: TableSpec) -> dict[str, object]:
    """The table as a JSON document has it."""
    said = {
        "table": spec.name,
        "owner": spec.owner or None,
        "shared": spec.is_shared,
        "unique": spec.unique,
        "index": spec.indexes,
        "versioned": spec.versioned,
        "database": spec.database or None,
        "singular": spec.singular,
        "why": spec.why or None,
        "later": spec.later,
    }
    fields = [
        {"name": field.name, "column": field.column, "definition": definition(field)}
        for field in spec.fields
    ]
    return {**said, "fields": fields, "command": command_line(spec)}


def settings(spec: TableSpec) -> Iterator[tuple[str, object]]:
    """What is said of a table beside its fields, as far as it is not the default."""
    if spec.is_shared:
        yield "shared", True
    elif spec.owner != USERS:
        yield "owner", spec.owner
    if spec.unique:
        yield "unique", spec.unique
    if spec.indexes:
        yield "index", spec.indexes
    if not spec.versioned:
        yield "versioned", False
    if spec.database:
        yield "database", spec.database
    if spec.singular != words.singular(spec.name):
        yield "singular", spec.singular
    if spec.why:
        yield "why", spec.why
    if spec.later:
        yield "later", spec.later


def _flags(field: FieldSpec) -> Iterator[str]:
    is_set = {"null": field.nullable, "unique": field.unique, "index": field.index}
    yield from (flag for flag, value in is_set.items() if value)
    values = {"default": field.default, "min": field.minimum, "max": field.maximum}
    yield from (f"{flag}={written(value)}" for flag, value in values.items() if value is not None)
    if isinstance(field.type, types.Ref):
        if field.type.on_delete != "restrict":
            yield field.type.on_delete
        if field.type.soft:
            yield "soft"
    if field.access:
        yield field.access
    is_set = {"filter": field.filter, "sort": field.sort, "search": field.search}
    yield from (flag for flag, value in is_set.items() if value)


def _options(spec: TableSpec) -> Iterator[list[str]]:
    for name, value in settings(spec):
        match name, value:
            case "shared", _:
                yield ["--shared"]
            case "versioned", _:
                yield ["--no-versioned"]
            case "unique" | "index", tuple():
                yield from (["--" + name, ",".join(columns)] for columns in value)
            case _, tuple():
                yield from ([f"--{name}", text] for text in value)
            case _:
                yield [f"--{name}", str(value)]
