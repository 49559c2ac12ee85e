"""What a database says a table is, in a form that can be compared."""

import re
import warnings
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, inspect
from sqlalchemy.engine import Inspector
from sqlalchemy.engine.interfaces import ReflectedColumn, ReflectedForeignKeyConstraint
from sqlalchemy.exc import SAWarning

Facts = Mapping[str, str]
"""What is known of one table: the part, such as `column email`, and its definition."""


def table_facts(connection: Connection, table: str) -> Facts:
    """Columns, keys, constraints and indexes of a table that exists."""
    inspector = inspect(connection)
    with warnings.catch_warnings():
        # It warns of what it cannot read, which is read from the catalogue below.
        warnings.simplefilter("ignore", SAWarning)
        facts = {f"column {c['name']}": _column(c) for c in inspector.get_columns(table)}
        facts |= _constraints(inspector, table)
        facts |= _indexes(connection, inspector, table)
    return facts


def differences(wanted: Facts, found: Facts, *, wanted_by: str, found_in: str) -> list[str]:
    """How two descriptions of one table differ, a line for each part."""
    lines = []
    for part in sorted(wanted.keys() | found.keys()):
        if part not in found:
            lines.append(f"{part}: {wanted[part]} in {wanted_by}, missing in {found_in}")
        elif part not in wanted:
            lines.append(f"{part}: {found[part]} in {found_in}, missing in {wanted_by}")
        elif wanted[part] != found[part]:
            lines.append(f"{part}: {wanted[part]} in {wanted_by}, {found[part]} in {found_in}")
    return lines


def _column(column: ReflectedColumn) -> str:
    parts = [str(column["type"]), "NULL" if column["nullable"] else "NOT NULL"]
    if column.get("default") is not None:
        parts.append(f"DEFAULT {column['default']}")
    if "computed" in column:
        parts.append(f"AS ({_plain(column['computed']['sqltext'])})")
    return " ".join(parts)


def _constraints(inspector: Inspector, table: str) -> dict[str, str]:
    key = inspector.get_pk_constraint(table)
    facts = {f"primary key {key['name'] or ''}".rstrip(): _list(key["constrained_columns"])}
    for foreign in inspector.get_foreign_keys(table):
        facts[f"foreign key {foreign['name'] or ''}".rstrip()] = _foreign_key(foreign)
    for unique in inspector.get_unique_constraints(table):
        facts[f"unique constraint {unique['name'] or ''}".rstrip()] = _list(unique["column_names"])
    for check in inspector.get_check_constraints(table):
        facts[f"check {check['name'] or ''}".rstrip()] = _plain(check["sqltext"])
    return facts


def _foreign_key(key: ReflectedForeignKeyConstraint) -> str:
    text = f"{_list(key['constrained_columns'])} to {key['referred_table']} "
    text += _list(key["referred_columns"])
    options = key.get("options", {})
    return " ".join([text, *(f"{name} {value}" for name, value in sorted(options.items()))])


def _indexes(connection: Connection, inspector: Inspector, table: str) -> dict[str, str]:
    if connection.dialect.name == "sqlite":
        # SQLAlchemy reads no expressions of SQLite's indexes; the catalogue has their text.
        rows = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master "
            "WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL",
            (table,),
        )
        return {f"index {name}": _plain(sql) for name, sql in rows}
    return {
        f"index {index['name']}": _list(index.get("expressions") or index["column_names"])
        + (" UNIQUE" if index["unique"] else "")
        for index in inspector.get_indexes(table)
        if "duplicates_constraint" not in index
    }


def _list(names: Iterable[str | None]) -> str:
    return f"({', '.join(name or '?' for name in names)})"


def _plain(sql: str) -> str:
    return re.sub(r"\s+", " ", sql).replace('"', "").strip()
