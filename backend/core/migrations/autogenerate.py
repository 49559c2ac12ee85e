"""What `alembic revision --autogenerate` and `alembic check` compare, and how they write it."""

import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, Literal

from alembic.autogenerate.api import AutogenContext
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, ColumnElement, Connection, DefaultClause, FetchedValue, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import DropTable
from sqlalchemy.sql.elements import False_, True_
from sqlalchemy.sql.functions import now
from sqlalchemy.types import TypeDecorator

from backend.core.migrations import checks, sqlite_indexes
from backend.core.migrations.connections import live
from backend.core.migrations.errors import MigrationError
from backend.core.types import ExactDecimal, UTCDateTime

# PostgreSQL says the type of a literal: 'x'::character varying(9).
_CAST = re.compile(r"::[\w ]+(\([\d, ]+\))?$")

_PORTABLE_DEFAULTS: tuple[tuple[type[ColumnElement[Any]], str], ...] = (
    (True_, "sa.true()"),
    (False_, "sa.false()"),
    (now, "sa.func.now()"),
)

checks.register()
sqlite_indexes.register()


def comparison_options(
    connection: Connection, metadata: MetaData, alike: Collection[str] = ()
) -> dict[str, Any]:
    """The options of `context.configure` that concern the models.

    Args:
        connection: to the database that they are compared with.
        metadata: of the models.
        alike: the tables of which it is known that they need not be compared.
    """
    return {
        "target_metadata": metadata,
        # Also when the revision is made on PostgreSQL: it is to run on SQLite too.
        "render_as_batch": True,
        "render_item": render_item,
        "compare_type": True,
        "compare_server_default": compare_server_default,
        "process_revision_directives": checks.write_column_checks,
        "include_name": _NameFilter(connection, alike),
        "include_object": lambda _object, name, kind, *_: kind != "table" or name not in alike,
        "autogenerate_plugins": [
            "alembic.autogenerate.*",
            checks.PLUGIN,
            sqlite_indexes.PLUGIN,
        ],
    }


def render_item(kind: str, item: object, context: AutogenContext) -> str | Literal[False]:
    """Write a type or default for both databases, and without importing the application.

    A revision outlives the application's code, and whatever database it is made on, it runs on
    both: Alembic writes a default as the text that is right on one of them.

    Raises:
        MigrationError: a type of ours that no rule says how to write.
    """
    if kind == "server_default" and isinstance(item, DefaultClause):
        return _portable_default(item.arg)
    if kind == "type" and isinstance(item, JSONB):
        # On SQLite Alembic would write JSONB(astext_type=Text()), without importing Text.
        context.imports.add("from sqlalchemy.dialects import postgresql")
        return "postgresql.JSONB()"
    if kind == "type" and isinstance(item, TypeDecorator):
        return _portable_type(item)
    return False


def _portable_default(default: object) -> str | Literal[False]:
    for kind, written in _PORTABLE_DEFAULTS:
        if isinstance(default, kind):
            return written
    return False


def _portable_type(type_: TypeDecorator[Any]) -> str | Literal[False]:
    if isinstance(type_, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(type_, ExactDecimal):
        number = f"sa.Numeric(precision={type_.precision}, scale={type_.scale})"
        return f"{number}.with_variant(sa.Text(), 'sqlite')"
    if type(type_).__module__.startswith("sqlalchemy."):
        return False
    raise MigrationError(
        f"{type(type_).__qualname__} is a type of the application; say in {__name__} how a "
        "revision writes it without importing it."
    )


def compare_server_default(
    context: MigrationContext,
    found: Column[Any],
    column: Column[Any],
    found_default: str | None,
    default: FetchedValue | None,
    _rendered: str | None,
) -> bool | None:
    """Tell whether a server default has changed; None leaves it to Alembic.

    Alembic asks PostgreSQL whether both give the same value. That is an invalid statement for a
    default with an apostrophe in it, and for a call of gen_random_uuid() it is never the case.
    """
    if found_default is None or not isinstance(default, DefaultClause):
        return None
    dialect = context.dialect
    compiler = dialect.ddl_compiler(dialect, DropTable(column.table))
    written = compiler.get_column_default_string(column)
    if written is not None:
        # The compiler doubles each % for the driver; the database has given it back once.
        written = written.replace("%%", "%")
    if written in (found_default, _CAST.sub("", found_default)):
        return False
    if not isinstance(default.arg, str) or dialect.name != "postgresql":
        return None
    type_ = dialect.type_compiler_instance.process(found.type)
    same = f"CAST({found_default} AS {type_})::text = CAST({written} AS {type_})::text"
    statement = f"SELECT {same}".replace("%", "%%")
    return not live(context.connection).exec_driver_sql(statement).scalar_one()


class _NameFilter:
    """Leaves out what a table brings with it: partitions belong to the table that has them.

    Also tables that need not be compared, which are then not even read.
    """

    def __init__(self, connection: Connection, alike: Collection[str]) -> None:
        self._connection = connection
        self._alike = alike
        self._partitions = cache(self._find_partitions)

    def __call__(self, name: str | None, kind: str, _parents: Mapping[str, str | None]) -> bool:
        return kind != "table" or (name not in self._alike and name not in self._partitions())

    def _find_partitions(self) -> frozenset[str]:
        if self._connection.dialect.name != "postgresql":
            return frozenset()
        rows = self._connection.exec_driver_sql(
            "SELECT relname FROM pg_class WHERE relispartition"
            " AND relnamespace = current_schema()::regnamespace"
        )
        return frozenset(name for (name,) in rows)
