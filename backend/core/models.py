"""The declarative base and the columns that every table shares."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeAlias
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, ForeignKeyConstraint, MetaData, Table, Uuid
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, declared_attr, mapped_column
from uuid_utils.compat import uuid7

from backend.core.settings import MAIN_DATABASE
from backend.core.types import UTCDateTime

OWNER_COLUMN = "user_id"
"""The column of an owned row that names its owner."""


def referring_columns(names: Sequence[str]) -> str:
    """The columns in the name of a foreign key: without the owner, which every such key has.

    PostgreSQL cuts names after 63 bytes, and those of two tables are in this one.
    """
    own = [name for name in names if name != OWNER_COLUMN]
    return "_".join(own or names)


def _referring_columns(constraint: ForeignKeyConstraint, _table: Table) -> str:
    return referring_columns(constraint.column_keys)


NAMING_CONVENTION: dict[str, Any] = {  # Any: of names, and of what gives a part of them
    "referring_columns": _referring_columns,
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(referring_columns)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

OWNER_TABLE = "users"
"""The table that the owners are in, in the main database."""
DATABASE = "database"
"""The key in a metadata's `info` of the name of the database that its tables are in."""


def utc_now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def moment_of_creation(context: DefaultExecutionContext) -> datetime:
    """The `created_at` of a row that is made: until it is changed, `updated_at` says the same."""
    moment: datetime = context.get_current_parameters()["created_at"]  # type: ignore[no-untyped-call]  # theirs
    return moment


def database_of(model: type[DeclarativeBase]) -> str:
    """The name of the database that a model's rows are in."""
    name: str = model.metadata.info.get(DATABASE, MAIN_DATABASE)
    return name


class Base(DeclarativeBase):
    """Base of all models; its metadata names every constraint by one convention."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map: ClassVar = {datetime: UTCDateTime()}


class Timestamped:
    """When a row was made and last changed (UTC)."""

    created_at: Mapped[datetime] = mapped_column(default=utc_now, sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(
        default=moment_of_creation, onupdate=utc_now, sort_order=91
    )


class Versioned(Timestamped):
    """The same, and how often it was changed: the ground of its ETag."""

    version: Mapped[int] = mapped_column(sort_order=92)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


class Owned:
    """A row that lives with its owner: `user_id` leads the primary key.

    Ids are UUIDv7, so they ascend in the order of creation.
    """

    @declared_attr
    @classmethod
    def user_id(cls) -> MappedColumn[UUID]:
        """The owner, whose deletion deletes the row: in another database core sees to that."""
        lives_apart = issubclass(cls, DeclarativeBase) and database_of(cls) != MAIN_DATABASE
        key = ForeignKey(f"{OWNER_TABLE}.id", ondelete="CASCADE")
        keys = () if lives_apart else (key,)
        return mapped_column(Uuid(), *keys, primary_key=True, sort_order=-2)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, sort_order=-1)


class Shared:
    """A row that belongs to nobody, and that every user reads and writes.

    Ids are UUIDv7, so they ascend in the order of creation.
    """

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, sort_order=-1)


class Record(Versioned):
    """A row of a reference table about users: known by an id that is random."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, sort_order=-2)


class OwnedRecord(Owned, Versioned):
    """A row of one user."""


class SharedRecord(Shared, Versioned):
    """A row of all users."""


class UnversionedOwnedRecord(Owned, Timestamped):
    """A row of one user, without a version, and so without an ETag."""


class UnversionedSharedRecord(Shared, Timestamped):
    """A row of all users, without a version, and so without an ETag."""


AnyRecord: TypeAlias = Record | Owned | Shared
"""What every row of a module is."""
