"""The base of tables that only the contract tests have: the application's metadata stays clean."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from backend.core.models import NAMING_CONVENTION
from backend.core.types import UTCDateTime


class ContractBase(DeclarativeBase):
    """Its metadata is not the application's."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map: ClassVar = {datetime: UTCDateTime()}


class ContractUser(ContractBase):
    """As much of users as a foreign key needs."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
