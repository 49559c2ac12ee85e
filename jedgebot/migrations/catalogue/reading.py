"""Reads the catalogue of the database that a connection is to."""

import hashlib

from sqlalchemy import Connection

from jedgebot.migrations.catalogue import postgresql, sqlite
from jedgebot.migrations.catalogue.comparing import Catalogue, Facts


def read(connection: Connection) -> Catalogue:
    """Every table and whatever else is in the schema that the connection works in.

    Alembic's own tables and what belongs to an extension are left out.
    """
    if connection.dialect.name == "sqlite":
        return sqlite.subjects(connection)
    facts: dict[str, dict[str, str]] = {}
    for subject, part, definition in postgresql.rows(connection):
        facts.setdefault(subject, {})[part] = definition
    found: dict[str, Facts] = dict(facts)
    return found


def fingerprint(connection: Connection) -> str:
    """A text that changes whenever anything in the schema does; quicker than to read it."""
    rows = (
        sqlite.statements(connection)
        if connection.dialect.name == "sqlite"
        else postgresql.rows(connection)
    )
    return hashlib.sha256(repr(sorted(rows)).encode()).hexdigest()
