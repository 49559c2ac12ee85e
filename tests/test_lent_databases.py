"""A test's database holds nothing of the test before it."""

from contextlib import ExitStack

import psycopg
import pytest

from tests.lent_databases import LentDatabases
from tests.postgresql import PostgreSQL

ROWS = """
    INSERT INTO users (id, email, password_hash, created_at, updated_at, version)
    SELECT number::text::uuid, number || '@example.com', 'none', now(), now(), 1
    FROM (SELECT 10000000000000000000000000000000 + generate_series(1, 3)) AS n (number);
    INSERT INTO portfolios
        (user_id, id, name, base_currency, cost_basis_method, allow_short, created_at, updated_at,
        version)
    SELECT id, id, 'mine', 'EUR', 'fifo', false, now(), now(), 1 FROM users
"""

IDENTITY = "SELECT oid FROM pg_database WHERE datname = current_database()"
OTHERS = """
    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture(scope="module")
def databases(postgresql: PostgreSQL, postgresql_template: str) -> LentDatabases:
    with connected(postgresql.create_database("with_numbers", postgresql_template)) as connection:
        connection.execute("CREATE SEQUENCE numbers")
    return LentDatabases(postgresql, "with_numbers", prefix="lent")


def connected(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)


def identity(url: str) -> object:
    with connected(url) as connection:
        return connection.execute(IDENTITY).fetchone()


def rows(url: str, table: str = "users") -> int:
    with connected(url) as connection:
        (found,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone() or ()
    assert isinstance(found, int)
    return found


def test_the_next_test_has_the_same_database_without_the_rows(databases: LentDatabases) -> None:
    with databases.lent() as first:
        with connected(first) as connection:
            connection.execute(ROWS)
        assert (rows(first), rows(first, "portfolios")) == (3, 3)
        before = identity(first)
    with databases.lent() as second:
        with connected(second) as connection:
            assert connection.execute(OTHERS).fetchall() == []
        assert identity(second) == before
        assert (rows(second), rows(second, "portfolios")) == (0, 0)
        assert rows(second, "alembic_version") == 1


def test_two_at_a_time_are_two(databases: LentDatabases) -> None:
    with databases.lent() as first, databases.lent() as second:
        with connected(first) as connection:
            connection.execute(ROWS)
        assert rows(second) == 0


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE users ADD COLUMN nickname text",
        "DROP TABLE idempotency_keys",
        "DROP INDEX ix_transactions_live",
        "CREATE TYPE colour AS ENUM ('red')",
        "UPDATE alembic_version SET version_num = 'another'",
        "DELETE FROM alembic_version",
        "SELECT nextval('numbers')",
        "SELECT lo_create(0)",
        "ALTER DATABASE {name} CONNECTION LIMIT 7",
        "ALTER DATABASE {name} SET work_mem = '1MB'",
    ],
)
def test_one_that_cannot_be_as_before_is_lent_no_more(
    databases: LentDatabases, change: str
) -> None:
    with databases.lent() as first, connected(first) as connection:
        connection.execute(change.format(name=connection.info.dbname))
        before = identity(first)
    with databases.lent() as second:
        assert identity(second) != before


def test_what_a_test_leaves_open_is_ended_and_cannot_come_back(databases: LentDatabases) -> None:
    with ExitStack() as left_open:
        with databases.lent() as first:
            connection = left_open.enter_context(connected(first))
            connection.autocommit = False
            connection.execute(ROWS)
            before = identity(first)
        with databases.lent() as second:
            assert identity(second) == before
            assert rows(second) == 0
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        connected(first)
