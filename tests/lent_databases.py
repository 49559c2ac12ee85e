"""PostgreSQL databases at head, each of which is lent to one test after the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import psycopg
from psycopg import sql

from tests.postgresql import PostgreSQL

# What a test can leave besides rows. Deletions change a count, all else the newest transaction.
_CATALOGUES = (
    "pg_attrdef",
    "pg_attribute",
    "pg_class",
    "pg_constraint",
    "pg_description",
    "pg_enum",
    "pg_extension",
    "pg_index",
    "pg_namespace",
    "pg_policy",
    "pg_proc",
    "pg_rewrite",
    "pg_trigger",
    "pg_type",
)
_SCHEMA = sql.SQL(" UNION ALL ").join(
    [
        sql.SQL("SELECT {}, count(*), max(xmin::text::bigint) FROM {}").format(
            sql.Literal(name), sql.Identifier(name)
        )
        for name in _CATALOGUES
    ]
    + [
        sql.SQL("SELECT schemaname || '.' || sequencename, 0, last_value FROM pg_sequences"),
        sql.SQL(
            "SELECT 'settings', count(*), max(xmin::text::bigint) FROM pg_db_role_setting"
            " WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())"
        ),
    ]
)
_WITH_PAGES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND pg_relation_size(c.oid) > 0
"""
_END_OTHERS = """
    SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_Rows = list[tuple[object, ...]]
_Table = tuple[str, str]


class LentDatabases:
    """Databases at head, which hold what the migrations have put there and nothing else.

    A test that has only written rows leaves a database to the next one: they are deleted. A
    database whose schema, settings, sequences or first rows it has changed is dropped. A copy for
    each test would take several times as long, above all with many tables.
    """

    def __init__(self, server: PostgreSQL, template: str, *, prefix: str = "test") -> None:
        self._server = server
        self._template = template
        self._names = (f"{prefix}_{number}" for number in count(1))
        self._free: list[_Lent] = []

    @contextmanager
    def lent(self) -> Iterator[str]:
        """Lend a database; yields its SQLAlchemy address."""
        one = self._free.pop() if self._free else self._new()
        yield one.url
        if one.has_become_as_at_head():
            self._free.append(one)
        else:
            one.close()
            self._server.drop_database(one.name)

    def close(self) -> None:
        """Let go of the databases that are not lent."""
        while self._free:
            self._free.pop().close()

    def _new(self) -> "_Lent":
        name = next(self._names)
        return _Lent(name, self._server.create_database(name, self._template))


class _Lent:
    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self.url = url
        self._connection = psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)
        self._at_head = self._schema()
        self._rows = {table: self._rows_of(table) for table in self._with_pages()}

    def close(self) -> None:
        """Close the connection that looks after the database."""
        self._connection.close()

    def has_become_as_at_head(self) -> bool:
        """Delete what a test has written; whether the database then is as it was at first."""
        try:
            return self._without_what_was_written()
        except psycopg.OperationalError:
            return False  # the test has ended all connections to it

    def _without_what_was_written(self) -> bool:
        self._all(_END_OTHERS)
        if self._schema() != self._at_head:
            return False
        written = [table for table in self._with_pages() if table not in self._rows]
        with self._connection.transaction():
            # Rows go whoever refers to them.
            self._connection.execute("SET LOCAL session_replication_role = replica")
            for table in written:
                self._connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(*table)))
        return all(self._rows_of(table) == rows for table, rows in self._rows.items())

    def _schema(self) -> _Rows:
        return sorted(self._all(_SCHEMA), key=repr)

    def _with_pages(self) -> list[_Table]:
        """The tables that have pages on the disk, that is, that ever had a row."""
        return [(str(schema), str(name)) for schema, name in self._all(_WITH_PAGES)]

    def _rows_of(self, table: _Table) -> _Rows:
        name = sql.Identifier(*table)
        return self._all(sql.SQL("SELECT t::text FROM {} AS t ORDER BY 1").format(name))

    def _all(self, query: "sql.SQL | sql.Composed | str") -> _Rows:
        return self._connection.execute(query).fetchall()
