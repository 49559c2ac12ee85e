"""Everything that a database knows of its schema, for comparison."""

from sqlalchemy import Connection

from backend.core.engine import make_engine

SQLITE = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"

POSTGRESQL = """
    SELECT 'column', attrelid::regclass::text, attname, format_type(atttypid, atttypmod)
           || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END
           || coalesce(' DEFAULT ' || pg_get_expr(adbin, adrelid), '')
      FROM pg_attribute
      JOIN pg_class ON pg_class.oid = attrelid AND relkind IN ('r', 'p')
      LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
     WHERE attnum > 0 AND NOT attisdropped AND relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'constraint', conrelid::regclass::text, conname,
           pg_get_constraintdef(oid) || convalidated::text
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
    UNION ALL
    SELECT 'index', indrelid::regclass::text, relname,
           pg_get_indexdef(indexrelid) || indisvalid::text
      FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
     WHERE relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'type', '', typname, typtype::text
      FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
    ORDER BY 1, 2, 3, 4
"""


def catalogue(url: str) -> list[tuple[str, ...]]:
    """Give the schema, with the revision that the database is at."""
    engine = make_engine(url, pool_size=1)
    try:
        with engine.connect() as connection:
            return _schema(connection) + _versions(connection)
    finally:
        engine.dispose()


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    """Run a query."""
    engine = make_engine(url, pool_size=1)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]
    finally:
        engine.dispose()


def run(url: str, *statements: str) -> None:
    """Run statements in one transaction, as the application would: foreign keys act."""
    engine = make_engine(url, pool_size=1)
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def driver_url(url: str) -> str:
    """Give the address as psycopg takes it."""
    return url.replace("+psycopg", "")


def _schema(connection: Connection) -> list[tuple[str, ...]]:
    query = SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL
    return [tuple(row) for row in connection.exec_driver_sql(query)]


def _versions(connection: Connection) -> list[tuple[str, ...]]:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return []
    versions = connection.exec_driver_sql("SELECT version_num FROM alembic_version ORDER BY 1")
    return [("version", version, "", "") for (version,) in versions]
