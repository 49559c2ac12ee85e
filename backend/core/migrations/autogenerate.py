"""What `alembic revision --autogenerate` and `alembic check` compare, and how they write it."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, MetaData
from sqlalchemy.types import TypeDecorator

from backend.core.migrations import sqlite_indexes
from backend.core.migrations.errors import MigrationError
from backend.core.types import ExactDecimal, UTCDateTime

sqlite_indexes.register()


def comparison_options(connection: Connection, metadata: MetaData) -> dict[str, Any]:
    """The options of `context.configure` that concern the models."""
    return {
        "target_metadata": metadata,
        # Also when the revision is made on PostgreSQL: it is to run on SQLite too.
        "render_as_batch": True,
        "render_item": render_item,
        "compare_type": True,
        "compare_server_default": True,
        "include_name": _NameFilter(connection),
        "autogenerate_plugins": [
            "alembic.autogenerate.*",
            "alembic.ext.checkconstraint_byname",
            sqlite_indexes.PLUGIN,
        ],
    }


def render_item(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Write a column type without importing the application: a revision outlives its code.

    Raises:
        MigrationError: a type of ours that no rule says how to write.
    """
    if kind != "type" or not isinstance(item, TypeDecorator):
        return False
    if isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, ExactDecimal):
        number = f"sa.Numeric(precision={item.precision}, scale={item.scale})"
        return f"{number}.with_variant(sa.Text(), 'sqlite')"
    if type(item).__module__.startswith("sqlalchemy."):
        return False
    raise MigrationError(
        f"{type(item).__qualname__} is a type of the application; say in {__name__} how a "
        "revision writes it without importing it."
    )


class _NameFilter:
    """Leaves out what a table brings with it: partitions belong to the table that has them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._partitions = cache(self._find_partitions)

    def __call__(self, name: str | None, kind: str, _parents: Mapping[str, str | None]) -> bool:
        return kind != "table" or name not in self._partitions()

    def _find_partitions(self) -> frozenset[str]:
        if self._connection.dialect.name != "postgresql":
            return frozenset()
        rows = self._connection.exec_driver_sql(
            "SELECT relname FROM pg_class WHERE relispartition"
            " AND relnamespace = current_schema()::regnamespace"
        )
        return frozenset(name for (name,) in rows)
