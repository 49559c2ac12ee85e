"""Tables from a TOML file: one or several, with references among them.

The table `[tables.alerts]` says what options would, `[tables.alerts.fields]` has the fields: under
the name of each its type and flags, as the field grammar writes them.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from jedgebot.errors import Misuse
from jedgebot.spec.building import TableOptions, build_table
from jedgebot.spec.grammar import parse_field
from jedgebot.spec.resolution import in_order
from jedgebot.spec.suggestions import nearest_or_all
from jedgebot.spec.table import FieldSpec, TableSpec

KEYS = (
    "owner",
    "shared",
    "unique",
    "index",
    "versioned",
    "database",
    "singular",
    "why",
    "later",
    "fields",
)
"""What a file may say of a table."""

_EXAMPLE = '[tables.alerts.fields] and below it a line such as symbol = "str:32"'
_BYTES_MAX = 1_000_000


def read_tables(path: Path) -> list[TableSpec]:
    """The tables of a file, each behind those of them that it refers to.

    Raises:
        Misuse: there is no such file, it is no TOML, or it describes no tables that can be.
    """
    try:
        text = path.read_bytes()[: _BYTES_MAX + 1].decode("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "It is no text in UTF-8"
        raise Misuse(f"{path} cannot be read: {reason}.", "Give the path of a TOML file.") from None
    if len(text) > _BYTES_MAX:
        raise Misuse(f"{path} has more than {_BYTES_MAX} bytes.", "Make several files of it.")
    return in_order(parse_tables(text, str(path)))


def parse_tables(text: str, source: str) -> list[TableSpec]:
    """The tables of a TOML text, in its order.

    Args:
        text: what the file holds.
        source: what errors call it.

    Raises:
        Misuse: it is no TOML, or describes no tables that can be.
    """
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Misuse(
            f"{source} is no TOML: {str(error).rstrip('.')}.", "Mend it at that place."
        ) from None
    file = _File(source, text)
    file.require_known(document, ("tables",), ())
    described = file.table(document, ("tables",))
    if not described:
        raise Misuse(f"{source} describes no table.", f"Write {_EXAMPLE}.")
    return [_table(file, name, file.table(described, ("tables", name))) for name in described]


@dataclass(frozen=True)
class _File:
    """A file with the words to say where in it something is wrong."""

    source: str
    text: str

    def misuse(self, keys: tuple[str, ...], message: str, hint: str) -> Misuse:
        """An error about a key, which is named by those above it."""
        line = self._line(keys)
        where = f"{self.source}:{line}" if line else self.source
        return Misuse(f"{where}: {message}", hint)

    def require_known(
        self, table: Mapping[str, object], known: Iterable[str], keys: tuple[str, ...]
    ) -> None:
        """Refuse a key that says nothing."""
        for key in table:
            if key not in known:
                where = f"[{'.'.join(keys)}]" if keys else "the file"
                raise self.misuse(
                    (*keys, key),
                    f'{where} has the unknown key "{key}".',
                    nearest_or_all(key, known, "The keys are"),
                )

    def table(self, table: Mapping[str, object], keys: tuple[str, ...]) -> dict[str, object]:
        """The table under the last of the keys; empty if there is none."""
        value = table.get(keys[-1], {})
        if not isinstance(value, dict):
            raise self._wrong_type(keys, "a table", f"Write {_EXAMPLE}.")
        return value

    def text_of(self, table: Mapping[str, object], keys: tuple[str, ...]) -> str:
        """The text under the last of the keys; empty if there is none."""
        value = table.get(keys[-1], "")
        if not isinstance(value, str):
            raise self._wrong_type(keys, "a text", f'For example {keys[-1]} = "…".')
        return value

    def truth(self, table: Mapping[str, object], keys: tuple[str, ...], *, default: bool) -> bool:
        """What is true or false under the last of the keys."""
        value = table.get(keys[-1], default)
        if not isinstance(value, bool):
            raise self._wrong_type(keys, "true or false", f"Write {keys[-1]} = true, or false.")
        return value

    def texts(self, table: Mapping[str, object], keys: tuple[str, ...]) -> list[str]:
        """The list of texts under the last of the keys; empty if there is none."""
        value = table.get(keys[-1], [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self._wrong_type(keys, "a list of texts", f'Write {keys[-1]} = ["…", "…"].')
        return value

    def lists(self, table: Mapping[str, object], keys: tuple[str, ...]) -> list[list[str]]:
        """The list of lists of texts under the last of the keys; empty if there is none."""
        value = table.get(keys[-1], [])
        if not isinstance(value, list) or not all(
            isinstance(one, list) and all(isinstance(name, str) for name in one) for one in value
        ):
            hint = f'Write {keys[-1]} = [["symbol", "direction"]].'
            raise self._wrong_type(keys, "a list of lists of fields", hint)
        return value

    def _wrong_type(self, keys: tuple[str, ...], what: str, hint: str) -> Misuse:
        return self.misuse(keys, f'"{".".join(keys)}" is not {what}.', hint)

    def _line(self, keys: tuple[str, ...]) -> int | None:
        """The line of a key, if it is written in the usual way."""
        header: tuple[str, ...] = ()
        for number, line in enumerate(self.text.splitlines(), 1):
            if found := re.match(r"\s*\[\s*([A-Za-z0-9_.\"' -]+?)\s*\]", line):
                header = tuple(part.strip("\"' ") for part in found[1].split("."))
                if header == keys:
                    return number
            found = re.match(r"\s*[\"']?([A-Za-z0-9_-]+)[\"']?\s*[=.]", line)
            if found and (*header, found[1]) == keys:
                return number
        return None


def _table(file: _File, name: str, described: Mapping[str, object]) -> TableSpec:
    keys = ("tables", name)
    file.require_known(described, KEYS, keys)
    options = TableOptions(
        owner=file.text_of(described, (*keys, "owner")),
        shared=file.truth(described, (*keys, "shared"), default=False),
        unique=file.lists(described, (*keys, "unique")),
        indexes=file.lists(described, (*keys, "index")),
        versioned=file.truth(described, (*keys, "versioned"), default=True),
        database=file.text_of(described, (*keys, "database")),
        singular=file.text_of(described, (*keys, "singular")),
        why=file.text_of(described, (*keys, "why")),
        later=file.texts(described, (*keys, "later")),
    )
    fields = file.table(described, (*keys, "fields"))
    if not fields:
        raise file.misuse(keys, f"[tables.{name}] has no fields.", f"Write {_EXAMPLE}.")
    found = [_field(file, fields, (*keys, "fields", field)) for field in fields]
    try:
        return build_table(name, found, options)
    except Misuse as refusal:
        raise file.misuse(keys, refusal.message, refusal.hint) from None


def _field(file: _File, fields: Mapping[str, object], keys: tuple[str, ...]) -> FieldSpec:
    definition = file.text_of(fields, keys)
    try:
        return parse_field(f"{keys[-1]}:{definition}")
    except Misuse as refusal:
        raise file.misuse(keys, refusal.message, refusal.hint) from None
