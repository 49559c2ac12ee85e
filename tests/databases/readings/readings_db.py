"""Where the readings are: the database archive."""

from typing import Annotated

from fastapi import Depends

from backend.core.database import RequestSession
from backend.core.models import Base
from backend.core.named_databases import NamedDatabase

ARCHIVE = NamedDatabase.called("archive")


class ArchiveBase(Base):
    """Base of the models in the database archive."""

    __abstract__ = True

    metadata = ARCHIVE.metadata


ArchiveSession = Annotated[RequestSession, Depends(ARCHIVE.session)]
"""A request's session in the database archive, as `DbSession` is in the main one."""
