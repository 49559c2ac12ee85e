"""PostgreSQL databases at head, each of which is lent to one test after the other."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Self

import psycopg
from psycopg import sql

from tests.postgresql import PostgreSQL

# Statistics are what the server itself finds out now and then.
_CATALOGUES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r' AND NOT relisshared
    AND relname NOT IN ('pg_statistic', 'pg_statistic_ext_data')
"""
# Deletions change a count, all else the newest transaction.
_CATALOGUE = sql.SQL("SELECT {}, count(*), max(xmin::text::bigint)::text FROM {}")
_BESIDE_THE_CATALOGUES = """
    SELECT schemaname || '.' || sequencename, 0, last_value::text FROM pg_sequences
    UNION ALL
    SELECT 'database', datconnlimit, datacl::text FROM pg_database
    WHERE datname = current_database()
    UNION ALL
    SELECT 'settings', count(*), max(s.xmin::text::bigint)::text
    FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
    WHERE d.datname = current_database()
"""
_WITH_PAGES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND pg_relation_size(c.oid) > 0
"""
_Rows = list[tuple[object, ...]]
_Table = tuple[str, str]


@dataclass(frozen=True)
class _State:
    """What a database has but for the rows of tests.

    Attributes:
        schema: how many rows each of its catalogues has, and their newest transaction; what its
            sequences are at; its settings.
        rows: of the tables that have some before any test.
    """

    schema: _Rows
    rows: Mapping[_Table, _Rows]

    @classmethod
    def of(cls, connection: psycopg.Connection) -> Self:
        """Look at a database that no test has had."""
        rows = {table: _rows_of(connection, table) for table in _with_pages(connection)}
        return cls(_schema(connection), rows)

    def is_restored(self, connection: psycopg.Connection) -> bool:
        """Delete what a test has written; whether the database then is as it was at first."""
        if _schema(connection) != self.schema:
            return False
        with connection.transaction():
            # Rows go whoever refers to them.
            connection.execute("SET LOCAL session_replication_role = replica")
            for table in _with_pages(connection):
                if table not in self.rows:
                    name = sql.Identifier(*table)
                    connection.execute(sql.SQL("DELETE FROM {}").format(name))
        return all(_rows_of(connection, table) == rows for table, rows in self.rows.items())


def _schema(connection: psycopg.Connection) -> _Rows:
    catalogues = [
        _CATALOGUE.format(sql.Literal(name), sql.Identifier(str(name)))
        for (name,) in _all(connection, _CATALOGUES)
    ]
    query = sql.SQL(" UNION ALL ").join([*catalogues, sql.SQL(_BESIDE_THE_CATALOGUES)])
    return sorted(_all(connection, query), key=repr)


def _with_pages(connection: psycopg.Connection) -> list[_Table]:
    """The tables that have pages on the disk, that is, that ever had a row."""
    return [(str(schema), str(name)) for schema, name in _all(connection, _WITH_PAGES)]


def _rows_of(connection: psycopg.Connection, table: _Table) -> _Rows:
    name = sql.Identifier(*table)
    return _all(connection, sql.SQL("SELECT t::text FROM {} AS t ORDER BY 1").format(name))


def _all(connection: psycopg.Connection, query: sql.SQL | sql.Composed | str) -> _Rows:
    return connection.execute(query).fetchall()


class LentDatabases:
    """Databases at head, which hold what the migrations have put there and nothing else.

    A test that has only written rows leaves a database to the next one: they are deleted. It gets
    another name, so that nobody who has its address can still write to it. A database whose
    schema, settings, sequences or first rows have changed is dropped. What databases share, such
    as roles, is no database's. A copy for each test would take several times as long, above all
    with many tables.
    """

    def __init__(self, server: PostgreSQL, template: str, *, prefix: str = "test") -> None:
        self._server = server
        self._template = template
        self._names = (f"{prefix}_{number}" for number in count(1))
        self._free: list[str] = []

    @contextmanager
    def lent(self) -> Iterator[str]:
        """Lend a database, to which nobody is connected; yields its SQLAlchemy address."""
        name = self._free.pop() if self._free else self._new()
        try:
            yield self._server.url(name)
        finally:
            self._take_back(name)

    def _take_back(self, lent: str) -> None:
        name = next(self._names)
        try:
            self._server.rename_database(lent, name)
        except psycopg.errors.ObjectInUse:
            self._server.drop_database(lent)
            return
        with self._connected(name) as connection:
            is_as_before = self._at_head.is_restored(connection)
        if is_as_before:
            self._free.append(name)
        else:
            self._server.drop_database(name)

    def _new(self) -> str:
        name = next(self._names)
        self._server.create_database(name, self._template)
        return name

    @cached_property
    def _at_head(self) -> _State:
        with self._connected(self._template) as connection:
            return _State.of(connection)

    def _connected(self, name: str) -> psycopg.Connection:
        url = self._server.url(name).replace("+psycopg", "", 1)
        return psycopg.connect(url, autocommit=True)
