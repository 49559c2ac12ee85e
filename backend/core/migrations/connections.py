"""A connection as the migrations of SQLite need it."""

import sqlite3

from sqlalchemy import Connection

from backend.core.migrations.errors import MigrationError


def live(connection: Connection | None) -> Connection:
    """The connection itself.

    Raises:
        MigrationError: there is none, since statements are only written out (`--sql`).
    """
    if connection is None:
        raise MigrationError("This needs a database; it cannot be written out with --sql.")
    return connection


def driver(connection: Connection) -> sqlite3.Connection:
    """The driver's own connection, on which nothing begins a transaction.

    Raises:
        TypeError: it is no SQLite connection.
    """
    found = connection.connection.driver_connection
    if not isinstance(found, sqlite3.Connection):
        raise TypeError(f"{found!r} is no SQLite connection.")
    return found
