"""The declarative base and the columns that every table shares."""

from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, declared_attr, mapped_column
from uuid_utils.compat import uuid7

from backend.core.types import UTCDateTime

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


OWNER_COLUMN = "user_id"
"""The column of an owned row that names its owner."""


def utc_now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """Base of all models; its metadata names every constraint by one convention."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map: ClassVar = {datetime: UTCDateTime()}


class Versioned:
    """When a row was made and last changed (UTC), and how often: the ground of its ETag."""

    created_at: Mapped[datetime] = mapped_column(default=utc_now, sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now, sort_order=91)
    version: Mapped[int] = mapped_column(sort_order=92)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


class Record(Versioned):
    """A row known by its id alone, for the few tables that are shared by all users."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, sort_order=-2)


class OwnedRecord(Versioned):
    """A row that lives with its owner: `user_id` leads the primary key.

    Ids are UUIDv7, so they ascend in the order of creation.
    """

    @declared_attr
    @classmethod
    def user_id(cls) -> MappedColumn[UUID]:
        """The owner, whose deletion deletes the row."""
        return mapped_column(
            ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, sort_order=-2
        )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, sort_order=-1)
