"""Every statement that the readings module sends to the database."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core.statements import OWNER, ROW
from tests.databases.readings.models import Reading

ALL = select(Reading).where(Reading.user_id == OWNER)
ONE = ALL.where(Reading.id == ROW)


def number_of(db: Session, owner_id: UUID) -> int:
    """How many readings the owner has."""
    counted = select(func.count()).select_from(Reading).where(Reading.user_id == owner_id)
    return db.scalar(counted) or 0
